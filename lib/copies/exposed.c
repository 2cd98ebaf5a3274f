/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/volume.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *
record_of(const struct vss_uuid *shadow)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	return vss_strf("%s/exposed/%s", vss_run_dir(), id);
}

int
copies_exposed_note(const struct vss_uuid *shadow, const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *record = record_of(shadow);
	VSS_AUTOFREE char *dir = vss_strf("%s/exposed", vss_run_dir());

	if (vss_make_dirs(dir, err) < 0)
		return -1;
	return vss_write_file(record, path, strlen(path), 0600, err);
}

void
copies_exposed_forget(const struct vss_uuid *shadow)
{
	VSS_AUTOFREE char *record = record_of(shadow);
	(void)unlink(record); /* one that stays behind is found out to be untrue */
}

char *
copies_exposed_path(const struct vss_uuid *shadow)
{
	VSS_AUTOFREE char *record = record_of(shadow);
	VSS_AUTOBUF struct vss_buf path = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_read_file(record, PATH_MAX, &path, &err) < 0) {
		if (err.code != VSS_ABSENT)
			vss_debug("%s", err.text);
		return NULL;
	}
	return path.len && memchr(path.data, '\0', path.len) == NULL ? vss_buf_take(&path) : NULL;
}

/* Something of ours is at `path`: a mount, or the link that stands for one where mounting is not possible. */
static bool
is_exposed_at(const char *path, const struct vss_uuid *shadow, const struct vss_mount_list *mounts)
{
	char id[VSS_UUID_TEXT], target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n >= 0) {
		target[n] = '\0';
		vss_uuid_text(shadow, id);
		return vss_str_ends(target, id);
	}
	for (size_t i = 0; i < mounts->n; i++)
		if (strcmp(mounts->v[i].target, path) == 0)
			return true;
	return false;
}

/* Without the table of mounts only links can be seen; that is said, and no reason to show nothing. */
static void
read_mounts(struct vss_mount_list *mounts)
{
	struct vss_err err = VSS_ERR_INIT;
	if (vss_mounts(mounts, &err) < 0)
		vss_warn("%s", err.text);
}

void
copies_exposed_fill(struct vss_set_list *l)
{
	struct vss_mount_list mounts = { 0 };

	read_mounts(&mounts);
	for (size_t i = 0; i < l->n; i++) {
		for (size_t k = 0; k < l->v[i]->nshadows; k++) {
			struct vss_shadow *sh = &l->v[i]->shadows[k];
			VSS_AUTOFREE char *path = copies_exposed_path(&sh->id);
			free(sh->exposed);
			sh->exposed = path && is_exposed_at(path, &sh->id, &mounts) ? vss_take(&path) : NULL;
		}
	}
	vss_mount_list_free(&mounts);
}

/* Every record: its copy and its path.  `visit` returning true ends it. */
static bool
each_record(bool (*visit)(void *ctx, const struct vss_uuid *shadow, const char *path), void *ctx)
{
	VSS_AUTOFREE char *dir = vss_strf("%s/exposed", vss_run_dir());
	DIR *d = opendir(dir);
	bool found = false;

	for (struct dirent *e; d && !found && (e = readdir(d));) {
		struct vss_uuid shadow;
		if (vss_uuid_parse(e->d_name, &shadow) != 0)
			continue;
		VSS_AUTOFREE char *path = copies_exposed_path(&shadow);
		found = path && visit(ctx, &shadow, path);
	}
	if (d)
		closedir(d);
	return found;
}

struct search {
	const char *path;
	struct vss_uuid shadow;
};

static bool
is_wanted(void *ctx, const struct vss_uuid *shadow, const char *path)
{
	struct search *s = ctx;

	s->shadow = *shadow;
	return strcmp(path, s->path) == 0;
}

int
copies_exposed_at(const char *path, struct vss_uuid *shadow)
{
	struct search s = { .path = path };

	if (!each_record(is_wanted, &s))
		return -1;
	*shadow = s.shadow;
	return 0;
}

struct tidying {
	const struct vss_set_list *l;
	struct vss_mount_list mounts;
};

static bool
drop_when_stale(void *ctx, const struct vss_uuid *shadow, const char *path)
{
	const struct tidying *t = ctx;

	for (size_t i = 0; i < t->l->n; i++)
		for (size_t k = 0; k < t->l->v[i]->nshadows; k++)
			if (vss_uuid_eq(&t->l->v[i]->shadows[k].id, shadow))
				return false;
	if (!is_exposed_at(path, shadow, &t->mounts))
		copies_exposed_forget(shadow);
	return false;
}

void
copies_exposed_tidy(const struct vss_set_list *l)
{
	struct tidying t = { .l = l };

	read_mounts(&t.mounts);
	each_record(drop_when_stale, &t);
	vss_mount_list_free(&t.mounts);
}
