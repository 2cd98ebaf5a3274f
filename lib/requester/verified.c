/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/parts.h"

#include "base/mem.h"
#include "model/components.h"
#include "model/named.h"

#include <stdlib.h>

static int
refuse(const char *word, const char *why, struct vss_err *err)
{
	return vss_fail(err, VSS_GRADE, 0, "%s: has no part in the shadow copy set, as is required: %s", word, why);
}

/* The mount point of the volume that the component lacks; the caller frees it.  NULL: none. */
static char *
lacking(const struct vss_parts *ps, const struct vss_part *part, size_t component)
{
	const char *dir = vss_part_outside(ps, part, component);
	VSS_AUTOFREE char *real = dir ? vss_choice_real_path(dir) : NULL;
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_volume *v = real ? vss_volume_near(real, &ignored) : NULL;
	char *mount = vss_strdup(v ? v->mount : dir);

	vss_volume_free(v);
	return mount;
}

static int
refuse_component(
	const struct vss_parts *ps, const struct vss_part *part, size_t i, const char *word, struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_component_path(&part->writer->metadata->components[i]);
	VSS_AUTOFREE char *mount = part->out || part->barred[i] ? NULL : lacking(ps, part, i);
	VSS_AUTOFREE char *why = NULL;

	if (mount)
		why = vss_strf("component %s requires volume %s, which is not in the set", full, mount);
	else if (part->out)
		why = vss_strf("it is excluded");
	else
		why = vss_strf("component %s %s", full,
			part->barred[i] ? "is excluded" : "has no files on the volumes of the set");
	return refuse(word, why, err);
}

/* All of the components that the word names must be in it. */
static int
check_component(const struct vss_parts *ps, const struct vss_part *part, const char *component, const char *word,
	struct vss_err *err)
{
	const struct vss_metadata *m = part->writer->metadata;
	VSS_AUTOFREE bool *marks = vss_alloc((m->ncomponents + 1) * sizeof *marks);

	if (!vss_named_mark(m, component, marks))
		return refuse(word, "the writer has no such component", err);
	for (size_t i = 0; i < m->ncomponents; i++)
		if (marks[i] && part->how[i] == VSS_SELECT_OUT)
			return refuse_component(ps, part, i, word, err);
	return 0;
}

/* Of a writer one component will do, as its others may be nobody's wish. */
static int
check_writer(const struct vss_parts *ps, const struct vss_part *part, const char *word, struct vss_err *err)
{
	for (size_t i = 0; i < vss_part_components(part); i++)
		if (part->how[i] != VSS_SELECT_OUT)
			return 0;
	return vss_part_components(part) ? refuse_component(ps, part, 0, word, err)
					 : refuse(word, "it owns nothing", err);
}

static int
check_part(const struct vss_parts *ps, const struct vss_part *part, const struct vss_named *n, const char *word,
	struct vss_err *err)
{
	if (part->out)
		return refuse(word, "it is excluded", err);
	if (!part->writer->metadata)
		return refuse(word, part->writer->message ? part->writer->message : "it does not answer", err);
	return n->component ? check_component(ps, part, n->component, word, err) : check_writer(ps, part, word, err);
}

static int
refuse_absent(struct vss_writers *ws, const char *writer, const char *word, struct vss_err *err)
{
	for (size_t i = 0; ws && i < vss_writers_all(ws); i++) {
		const struct vss_writer *w = vss_writers_at(ws, i);
		if (w->absent && vss_writer_is_meant(w, writer))
			return refuse(word, w->absent, err);
	}
	return refuse(word, "there is no such writer here", err);
}

/* Several instances of a writer have one name: one that is in will do, and the first that is not says why. */
static int
check_named(const struct vss_parts *ps, struct vss_writers *ws, const struct vss_named *n, const char *word,
	struct vss_err *err)
{
	struct vss_err first = VSS_ERR_INIT, later = VSS_ERR_INIT;
	bool meant = false;

	for (size_t i = 0; i < ps->n; i++) {
		if (!vss_writer_is_meant(ps->v[i].writer, n->writer))
			continue;
		if (check_part(ps, &ps->v[i], n, word, meant ? &later : &first) == 0)
			return 0;
		meant = true;
	}
	if (!meant)
		return refuse_absent(ws, n->writer, word, err);
	*err = first;
	return -1;
}

static int
check_word(const struct vss_parts *ps, struct vss_writers *ws, const char *word, struct vss_err *err)
{
	struct vss_named n;

	vss_named_parse(&n, word);
	int rc = check_named(ps, ws, &n, word, err);
	vss_named_clear(&n);
	return rc;
}

int
vss_parts_verify(const struct vss_parts *ps, struct vss_writers *ws, struct vss_err *err)
{
	const struct vss_strv *words = ps->wishes->verify;

	for (size_t i = 0; words && i < words->n; i++)
		if (check_word(ps, ws, words->v[i], err) < 0)
			return -1;
	return 0;
}

static void
list_left_of(const struct vss_parts *ps, const struct vss_part *part)
{
	struct vss_plan *p = ps->plan;

	for (size_t i = 0; i < vss_part_components(part); i++) {
		bool excluded = part->out || part->barred[i];
		if (part->how[i] == VSS_SELECT_OUT)
			VSS_PUSH(p->left, p->nleft, p->cleft) = (struct vss_plan_left){
				.writer = part->writer,
				.component = &part->writer->metadata->components[i],
				.excluded = excluded,
				.needs = excluded ? NULL : lacking(ps, part, i),
			};
	}
}

void
vss_parts_list_left(const struct vss_parts *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		list_left_of(ps, &ps->v[i]);
}
