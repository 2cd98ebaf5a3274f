/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/plan.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
vss_plan_clear(struct vss_plan *p)
{
	vss_choice_clear(&p->choice);
	for (size_t i = 0; i < p->nvolumes; i++) {
		vss_volume_free(p->volumes[i].volume);
		vss_strv_free(&p->volumes[i].only);
	}
	free(p->volumes);
	memset(p, 0, sizeof *p);
}

struct vss_plan_volume *
vss_plan_volume_of(const struct vss_plan *p, const char *path)
{
	struct vss_plan_volume *best = NULL;

	for (size_t i = 0; i < p->nvolumes; i++) {
		struct vss_plan_volume *v = &p->volumes[i];
		if (vss_path_is_below(path, v->volume->mount) &&
			(!best || strlen(v->volume->mount) > strlen(best->volume->mount)))
			best = v;
	}
	return best;
}

/* The entry of the plan for this volume, by identity (M13); `v` is taken. */
static struct vss_plan_volume *
entry_for(struct vss_plan *p, struct vss_volume *v, bool *fresh)
{
	*fresh = false;
	for (size_t i = 0; i < p->nvolumes; i++)
		if (strcmp(p->volumes[i].volume->id, v->id) == 0) {
			vss_volume_free(v);
			return &p->volumes[i];
		}
	*fresh = true;
	struct vss_plan_volume *pv = &VSS_PUSH(p->volumes, p->nvolumes, p->cvolumes);
	*pv = (struct vss_plan_volume){ .volume = v };
	return pv;
}

static int
refuse_pseudo(const struct vss_volume *v, const char *path, struct vss_err *err)
{
	if (!v->pseudo)
		return 0;
	return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED, 0,
		"%s: a %s file system holds nothing that can be kept", path, v->fstype);
}

int
vss_plan_add_volume(struct vss_plan *p, struct vss_volume *v, struct vss_err *err)
{
	bool fresh;

	if (refuse_pseudo(v, v->mount, err) < 0) {
		vss_volume_free(v);
		return -1;
	}
	struct vss_plan_volume *pv = entry_for(p, v, &fresh);
	if (!fresh)
		return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "%s: named twice", pv->volume->mount);
	vss_strv_add(&pv->only, "");
	pv->plain = true;
	return 0;
}

static void
need(struct vss_plan_volume *pv, const char *path)
{
	const char *below = vss_path_below(path, pv->volume->mount);
	if (below && !vss_strv_has(&pv->only, below))
		vss_strv_add(&pv->only, below);
}

/* The path itself may be a link (it is kept as one); the directory it lies in is resolved. */
static char *
path_of_word(const char *word, struct stat *st, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = getcwd(NULL, 0);
	VSS_AUTOFREE char *clean = vss_path_clean(word, cwd ? cwd : "/");
	VSS_AUTOFREE char *dir = vss_path_dir(clean);
	VSS_AUTOFREE char *real = realpath(dir, NULL);

	if (*word == '\0') {
		vss_fail(err, VSS_USAGE, 0, "an empty path was given");
		return NULL;
	}
	if (!real || lstat(clean, st) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", clean);
		return NULL;
	}
	return strcmp(clean, "/") == 0 ? vss_strdup("/") : vss_path_join(real, vss_path_base(clean));
}

/* Other volumes mounted below a path: taken too, each from its own copy (Z23); the network and our own mounts are not. */
static int
add_mounted_below(struct vss_plan *p, const char *path, struct vss_err *err)
{
	struct vss_volume_list all = { 0 };

	if (vss_volumes(false, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		struct vss_volume *v = all.v[i];
		if (v->network || strcmp(v->mount, path) == 0 || !vss_path_is_below(v->mount, path) ||
			vss_path_is_below(v->mount, vss_run_dir()))
			continue;
		bool fresh;
		struct vss_plan_volume *pv = entry_for(p, vss_volume_copy(v), &fresh);
		need(pv, v->mount);
		pv->plain = true;
	}
	vss_volume_list_free(&all);
	return 0;
}

/* A subvolume that is only a directory of a mounted one is empty in that one's copy. */
static int
refuse_nested_subvolume(const struct vss_volume *v, const char *path, const char *dir, struct vss_err *err)
{
	struct stat st;

	if (strcmp(v->fstype, "btrfs") != 0 || stat(dir, &st) < 0 || st.st_dev == v->dev)
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"%s: lies in a nested subvolume, which no copy of %s holds: mount that subvolume by itself and name the mount point",
		path, v->mount);
}

int
vss_plan_add_path(struct vss_plan *p, const char *word, bool one_file_system, struct vss_err *err)
{
	struct stat st;
	bool fresh;
	VSS_AUTOFREE char *path = path_of_word(word, &st, err);

	if (!path)
		return -1;
	VSS_AUTOFREE char *dir = S_ISDIR(st.st_mode) ? vss_strdup(path) : vss_path_dir(path);
	struct vss_volume *v = vss_volume_of(dir, err);
	if (!v)
		return -1;
	if (refuse_pseudo(v, path, err) < 0 || refuse_nested_subvolume(v, path, dir, err) < 0) {
		vss_volume_free(v);
		return -1;
	}
	struct vss_plan_volume *pv = entry_for(p, v, &fresh);
	need(pv, path);
	pv->plain = true;
	vss_choice_add_path(&p->choice, path);
	return one_file_system || !S_ISDIR(st.st_mode) ? 0 : add_mounted_below(p, path, err);
}

int
vss_plan_need(struct vss_plan *p, const char *dir, struct vss_err *err)
{
	bool fresh;
	struct vss_volume *v = vss_volume_of(dir, err);

	if (!v)
		return -1;
	if (refuse_nested_subvolume(v, dir, dir, err) < 0) {
		vss_volume_free(v);
		return -1;
	}
	need(entry_for(p, v, &fresh), dir);
	return 0;
}

int
vss_plan_add_to_set(const struct vss_plan *p, struct vss_session *s, const char *provider, struct vss_err *err)
{
	for (size_t i = 0; i < p->nvolumes; i++) {
		const struct vss_plan_volume *v = &p->volumes[i];
		if (vss_session_add_to_snapshot_set(s, v->volume, provider, &v->only, v->plain, err) < 0)
			return -1;
	}
	return 0;
}
