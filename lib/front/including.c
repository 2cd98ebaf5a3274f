/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/job.h"

#include "base/mem.h"
#include "cli/out.h"
#include "front/word.h"
#include "model/logical.h"

static char *
path_of(const struct vss_component *c)
{
	VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
	return vss_front_component(full);
}

static bool
takes_part(const struct vss_plan *p, const struct vss_writer *w)
{
	for (size_t i = 0; i < p->choice.ncomponents; i++)
		if (p->choice.components[i].writer == w)
			return true;
	return false;
}

/* What has part in all that is done with its writer, and is out: NULL when nothing of that kind is. */
static const struct vss_component *
top_left(const struct vss_plan *p, const struct vss_writer *w)
{
	for (size_t i = 0; i < p->nleft; i++) {
		const struct vss_component *c = p->left[i].component;
		if (p->left[i].writer == w && !c->selectable && vss_logical_same(c->logical_path, NULL))
			return c;
	}
	return NULL;
}

static void
tell_of_component(const struct vss_plan_left *l)
{
	VSS_AUTOFREE char *path = path_of(l->component);
	VSS_AUTOFREE char *writer = vss_out_name(l->writer->metadata->name);
	VSS_AUTOFREE char *volume = vss_out_name(l->needs);

	vss_out("Component \"%s\" from writer \"%s\" is excluded from backup,\n"
		"because it requires volume %s which is not in the shadow copy set.\n",
		path, writer, volume);
}

static void
tell_of_writer(const struct vss_plan *p, const struct vss_writer *w)
{
	const struct vss_component *top = top_left(p, w);
	VSS_AUTOFREE char *name = vss_out_name(w->metadata ? w->metadata->name : w->registration);
	VSS_AUTOFREE char *path = top ? path_of(top) : NULL;

	if (top)
		vss_out("The writer \"%s\" is now entirely excluded from the backup because the top-level\n"
			"non selectable component \"%s\" is excluded.\n",
			name, path);
	else
		vss_out("Excluding writer \"%s\", because all of its components have been excluded.\n", name);
}

/* Those that the components document names: what comes with them has no line of its own. */
static void
list_included(const struct vss_plan *p)
{
	const struct vss_choice_component *v = p->choice.components;

	for (size_t i = 0; i < p->choice.ncomponents; i++) {
		VSS_AUTOFREE char *writer = vss_out_name(v[i].writer->metadata->name);
		VSS_AUTOFREE char *path = path_of(v[i].component);
		if (!i || v[i].writer != v[i - 1].writer)
			vss_out("* Including writer \"%s\":\n", writer);
		if (v[i].owner == i)
			vss_out("\t+ Adding component: %s\n", path);
	}
}

void
vss_front_including(const struct vss_job *j)
{
	const struct vss_plan *p = vss_job_plan(j);
	struct vss_writers *ws = vss_job_writers(j);

	for (size_t i = 0; i < p->nleft; i++)
		if (p->left[i].needs)
			tell_of_component(&p->left[i]);
	for (size_t i = 0; ws && i < vss_writers_count(ws); i++)
		if (!takes_part(p, vss_writers_at(ws, i)))
			tell_of_writer(p, vss_writers_at(ws, i));
	vss_out("\n");
	list_included(p);
}
