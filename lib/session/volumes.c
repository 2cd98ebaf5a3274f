/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"
#include "os/lock.h"

#include <stdlib.h>
#include <string.h>

#define VOLUMES_MAX 64 /* M22 */

static int
lock_creation(int wait_ms, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_run_dir(), "creation.lock");
	int fd = vss_lock(path, wait_ms, err);

	if (fd < 0 && err->code == VSS_BUSY)
		return vss_fail(err, VSS_E_SNAPSHOT_SET_IN_PROGRESS, 0, "another shadow copy set is in creation");
	return fd;
}

int
vss_session_start_snapshot_set(struct vss_session *s, int wait_ms, struct vss_err *err)
{
	if (session_enter(s, CALL_START_SNAPSHOT_SET, err) < 0)
		return -1;
	int lockfd = lock_creation(wait_ms, err);
	if (lockfd < 0)
		return -1;
	vss_uuid_random(&s->set->id);
	s->bcd->set_id = s->set->id;
	s->making = making_new(&s->set->id, s->storage);
	s->making->accept_lost = s->o.accept_lost;
	s->making->cgroups = s->cgroups.n > 0;
	s->making->storage_size = s->o.storage_size;
	s->making->storage_percent = s->o.storage_percent;
	s->making->lockfd = lockfd;
	s->making->ownerfd = vss_owner_new(&s->making->owner, err);
	if (s->making->ownerfd < 0) {
		making_free(s->making);
		s->making = NULL;
		return -1;
	}
	s->state = SESSION_STARTED;
	return 0;
}

/* S7: a way of copying that was asked for is delivered or refused. */
static int
check_method(const struct vss_session *s, const struct vss_provider_ops *ops, const struct vss_volume *v,
	struct vss_err *err)
{
	const char *wanted = NULL;

	if (s->o.context & VSS_ATTR_TRANSPORTABLE && !ops->send)
		wanted = "transportable";
	else if (s->o.context & VSS_ATTR_DIFFERENTIAL && !ops->differential)
		wanted = "differential";
	else if (s->o.context & VSS_ATTR_PLEX && ops->differential)
		wanted = "full";
	if (!wanted)
		return 0;
	return vss_fail(
		err, VSS_E_VOLUME_NOT_SUPPORTED, 0, "%s: provider %s makes no %s copies", v->mount, ops->name, wanted);
}

static int
check_volume(const struct vss_session *s, const struct vss_volume *v, struct vss_err *err)
{
	for (size_t i = 0; i < s->nvolumes; i++)
		if (vss_str_eq(s->volumes[i].volume->id, v->id))
			return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "%s: is in the set already", v->mount);
	if (s->nvolumes >= VOLUMES_MAX)
		return vss_fail(err, VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED, 0, "%s: a set holds at most %d volumes",
			v->mount, VOLUMES_MAX);
	return 0;
}

/* Before its first volume a provider has no set of ours: one without volumes asks the same question. */
static int
ask_provider(const struct vss_session *s, const struct vss_provider_ops *ops, const struct vss_volume *v,
	struct vss_err *err)
{
	struct vss_provider_set empty = {
		.provider = ops,
		.set_id = s->set->id,
		.owner = s->making->owner,
		.storage = s->storage,
		.cgroups = s->cgroups.n > 0,
	};
	const struct vss_provider_set *ps = making_provider(s->making, ops);

	return ops->check ? ops->check(ps ? ps : &empty, v, err) : 0;
}

int
vss_session_add_to_snapshot_set(struct vss_session *s, const struct vss_volume *v, const char *wish,
	const struct vss_strv *only, bool plain, struct vss_err *err)
{
	if (session_enter(s, CALL_ADD_TO_SNAPSHOT_SET, err) < 0 || check_volume(s, v, err) < 0)
		return -1;
	const struct vss_provider_ops *ops = vss_provider_for(v, wish, err);
	if (!ops || check_method(s, ops, v, err) < 0 || ask_provider(s, ops, v, err) < 0)
		return -1;
	making_add(s->making, ops, v, only);
	VSS_PUSH(s->volumes, s->nvolumes, s->cvolumes) =
		(struct session_volume){ .volume = vss_volume_copy(v), .plain = plain };
	return 0;
}

/* The volume of the set with the deepest mount point above `path`, or SIZE_MAX. */
static size_t
volume_above(const struct vss_session *s, const char *path)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < s->nvolumes; i++) {
		const char *mount = s->volumes[i].volume->mount;
		if (vss_path_is_below(path, mount) &&
			(best == SIZE_MAX || strlen(mount) > strlen(s->volumes[best].volume->mount)))
			best = i;
	}
	return best;
}

char *
vss_session_copy_path(const struct vss_session *s, const char *path)
{
	size_t i = volume_above(s, path);

	if (i >= s->set->nshadows)
		return NULL;
	VSS_AUTOFREE char *inner = vss_volume_inner(s->volumes[i].volume, path);
	return inner ? vss_path_join(s->set->shadows[i].device, inner) : NULL;
}

bool
vss_session_keeps_identity(const struct vss_session *s, const char *path)
{
	struct vss_err ignored = VSS_ERR_INIT;
	size_t i = volume_above(s, path);

	if (i >= s->set->nshadows)
		return false;
	const struct vss_provider_ops *ops = vss_provider_named(s->set->shadows[i].provider, &ignored);
	return ops && ops->keeps_identity;
}

int
vss_session_check_copies(struct vss_session *s, struct vss_err *err)
{
	if (session_enter(s, CALL_CHECK_COPIES, err) < 0)
		return -1;
	for (size_t i = 0; i < s->set->nshadows; i++) {
		const struct vss_shadow *sh = &s->set->shadows[i];
		const struct vss_provider_ops *ops = vss_provider_named(sh->provider, err);
		int there = ops ? ops->exists(sh, err) : -1;
		if (there < 0)
			return vss_wrap(err, "shadow copy of %s", sh->volume);
		if (there == 0)
			return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
				"shadow copy of %s: was deleted while it was in use", sh->volume);
	}
	return 0;
}

/* --- Where the files of components are --- */

void
session_span_clear(struct session_span *span)
{
	free(span->on);
	free(span->outside);
}

static void
span_add(const struct vss_session *s, struct session_span *span, const char *dir)
{
	if (!dir)
		return;
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_near(dir, &ignored); /* a file set may name what does not exist yet (W5) */
	size_t i = 0;

	while (v && i < s->nvolumes && !vss_str_eq(s->volumes[i].volume->id, v->id))
		i++;
	if (v && i < s->nvolumes)
		span->on[i] = true;
	else if (!span->outside)
		span->outside = vss_strdup(dir);
	vss_volume_free(v);
}

/* B65: a hierarchy goes on in what is mounted below it. */
static void
span_add_below(const struct vss_session *s, struct session_span *span, const char *dir)
{
	VSS_AUTOFREE char *real = realpath(dir, NULL);

	for (size_t i = 0; real && i < s->nvolumes; i++)
		if (vss_path_is_below(s->volumes[i].volume->mount, real))
			span->on[i] = true;
}

/* B35: file sets that need no snapshot for this type may be read from the live volume. */
static bool
needs_snapshot(const struct vss_session *s, const struct vss_writer *w, const struct vss_fileset *f)
{
	enum vss_backup_type type = vss_metadata_backup_type(w->metadata, s->o.type);

	return vss_fileset_is_in_backup(f, type) && vss_fileset_needs_snapshot(f, type);
}

/* What has an alternate path is read from there (C36); in a scratch directory, from no volume of the set. */
static const char *
directory_of(const struct vss_writer *w, const struct vss_fileset *f)
{
	VSS_AUTOFREE char *scratch = vss_writer_within_scratch(w, f->alternate);

	if (scratch)
		return NULL;
	return f->alternate ? f->alternate : f->path;
}

static void
span_add_component(const struct vss_session *s, const struct vss_writer *w, const struct vss_component *c,
	struct session_span *span)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		const struct vss_fileset *f = &c->files[i];
		const char *dir = directory_of(w, f);
		if (!dir || !needs_snapshot(s, w, f))
			continue;
		span_add(s, span, dir);
		if (f->recursive)
			span_add_below(s, span, dir);
	}
}

static void
find_span(const struct vss_session *s, const struct vss_writer *w, const struct vss_bcd_component *bc,
	struct session_span *span)
{
	const struct vss_metadata *m = w->metadata;
	const struct vss_component *c = vss_metadata_find(m, bc->logical_path, bc->name);

	span->on = vss_alloc(s->nvolumes * sizeof *span->on);
	if (!c)
		return;
	span_add_component(s, w, c, span);
	/* C8, C12: what lies below a selectable component comes with it. */
	for (size_t i = 0; c->selectable && i < m->ncomponents; i++)
		if (vss_component_is_ancestor(c, &m->components[i]))
			span_add_component(s, w, &m->components[i], span);
}

void
session_find_spans(struct vss_session *s)
{
	for (size_t i = 0; i < s->nparts; i++) {
		struct session_part *p = &s->parts[i];
		const struct vss_bcd_writer *bw = session_bcd_writer(s, p->writer);
		if (!bw || p->spans)
			continue;
		p->spans = vss_alloc(bw->ncomponents * sizeof *p->spans);
		p->nspans = bw->ncomponents;
		for (size_t k = 0; k < bw->ncomponents; k++)
			find_span(s, p->writer, &bw->components[k], &p->spans[k]);
	}
}
