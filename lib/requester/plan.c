/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/plan.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

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
		vss_strv_free(&p->volumes[i].only);
		free(p->volumes[i].provider);
	}
	for (size_t i = 0; i < p->nleft; i++)
		free(p->left[i].needs);
	free(p->left);
	for (size_t i = 0; i < p->nplaces; i++) {
		vss_volume_free(p->places[i].volume);
		free(p->places[i].instead);
	}
	free(p->volumes);
	free(p->places);
	vss_volume_list_free(&p->mounted);
	memset(p, 0, sizeof *p);
}

const char *
vss_plan_leave_out(const struct vss_plan *p)
{
	return p->leave_out ? p->leave_out : "--exclude-writer";
}

static int
refuse_pseudo(const struct vss_volume *v, const char *path, struct vss_err *err)
{
	if (!v->pseudo)
		return 0;
	return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED, 0, "%s: a %s file system holds nothing that can be kept", path,
		v->fstype);
}

static int
refuse_shadow(const struct vss_volume *v, struct vss_err *err)
{
	if (!v->shadow)
		return 0;
	return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED, 0,
		"%s: a shadow copy itself, or what holds some: name the volume that it was made of", v->mount);
}

int
vss_plan_add_volume(struct vss_plan *p, struct vss_volume *v, struct vss_err *err)
{
	size_t before = p->nvolumes;

	if (refuse_pseudo(v, v->mount, err) < 0 || refuse_shadow(v, err) < 0) {
		vss_volume_free(v);
		return -1;
	}
	size_t at = vss_plan_place_for(p, v, err);
	if (at == SIZE_MAX)
		return -1;
	struct vss_plan_volume *pv = &p->volumes[p->places[at].of];
	if (p->nvolumes == before)
		return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "%s: named twice", pv->volume->mount);
	vss_strv_add(&pv->only, "");
	pv->plain = true;
	return 0;
}

static bool
has_volume(const struct vss_plan *p, const char *id)
{
	for (size_t i = 0; i < p->nvolumes; i++)
		if (vss_str_caseeq(p->volumes[i].volume->id, id))
			return true;
	return false;
}

int
vss_plan_add_nested(struct vss_plan *p, struct vss_err *err)
{
	struct vss_volume_list nested = { 0 };
	size_t named = p->nvolumes;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < named; i++)
		rc = vss_volume_nested(p->volumes[i].volume, &nested, err);
	for (size_t i = 0; rc == 0 && i < nested.n; i++) {
		const struct vss_volume *v = nested.v[i];
		if (v->snapshot)
			vss_info("%s: a read-only snapshot, left out: name it to take it", v->mount);
		else if (!has_volume(p, v->id)) /* it may be named by a mount of its own, or seen twice */
			rc = vss_plan_add_volume(p, vss_volume_copy(v), err);
	}
	vss_volume_list_free(&nested);
	return rc;
}

static char *
absolute(const char *word, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = *word == '/' ? NULL : getcwd(NULL, 0);

	if (!*word) {
		vss_fail(err, VSS_USAGE, 0, "an empty path was given");
		return NULL;
	}
	if (*word != '/' && !cwd) { /* which was removed, say: that is not the root */
		vss_fail(err, VSS_SYSTEM, errno, "%s: the current directory", word);
		return NULL;
	}
	return vss_path_clean(word, cwd);
}

/* `path` with the links in its directory resolved, and what it is. */
static char *
real_entry(const char *path, struct stat *st, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	VSS_AUTOFREE char *real = realpath(dir, NULL);

	if (!real || lstat(path, st) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
		return NULL;
	}
	return strcmp(path, "/") == 0 ? vss_strdup("/") : vss_path_join(real, vss_path_base(path));
}

/* A link is kept as one, unless a slash behind it asks for the directory that it leads to. */
static char *
path_of_word(const char *word, struct stat *st, struct vss_err *err)
{
	VSS_AUTOFREE char *clean = absolute(word, err);
	VSS_AUTOFREE char *path = clean ? real_entry(clean, st, err) : NULL;
	struct stat there;

	if (!path || !S_ISLNK(st->st_mode) || stat(path, &there) < 0 || !S_ISDIR(there.st_mode))
		return vss_take(&path);
	VSS_AUTOFREE char *real = realpath(path, NULL);
	if (real && word[strlen(word) - 1] == '/') {
		*st = there;
		return vss_take(&real);
	}
	return vss_take(&path);
}

/* Said when it is a way to more. */
static void
tell_of_link(const char *path)
{
	VSS_AUTOFREE char *real = realpath(path, NULL);
	struct stat st;

	if (real && stat(real, &st) == 0 && S_ISDIR(st.st_mode))
		vss_warn("%s: a symbolic link, and kept as one: name %s for what it leads to", path, real);
}

/*
 * Below a plain path the network, and what the user takes out, is left alone; below a component's directory
 * all is the writer's.
 */
static bool
is_wanted_below(const struct vss_plan *p, const struct vss_volume *v, bool plain)
{
	if (v->pseudo || v->shadow)
		return false;
	if (v->nested && v->snapshot) { /* snapper keeps hundreds of them; they do not change, and can be named */
		vss_info("%s: a read-only snapshot, left out: name it to take it", v->mount);
		return false;
	}
	if (!plain)
		return true;
	if (vss_choice_is_excluded(&p->choice, v->mount))
		return false;
	if (v->network)
		vss_info("%s: a network file system, left out: name it to take it", v->mount);
	return !v->network;
}

/* Other volumes mounted below a directory: taken too, each from its own copy (B65, Z23). */
static int
add_mounted_below(struct vss_plan *p, const char *dir, bool plain, struct vss_err *err)
{
	for (size_t i = 0; i < p->mounted.n; i++) {
		const struct vss_volume *v = p->mounted.v[i];
		if (strcmp(v->mount, dir) == 0 || !vss_path_is_below(v->mount, dir) || !is_wanted_below(p, v, plain))
			continue;
		size_t at = vss_plan_place_for(p, vss_volume_copy(v), err);
		if (at == SIZE_MAX)
			return -1;
		vss_plan_note(p, at, v->mount);
		p->places[at].enter = true;
		p->places[at].plain |= plain;
		p->volumes[p->places[at].of].plain |= plain;
	}
	return 0;
}

/* A file that something else is mounted over: the copy has what lies beneath. */
static int
refuse_mounted_file(const char *path, const struct stat *st, struct vss_err *err)
{
	if (!S_ISREG(st->st_mode))
		return 0;
	struct vss_volume *v = vss_volume_of(path, err);
	if (!v)
		return -1;
	int rc = strcmp(v->mount, path) != 0
			 ? 0
			 : vss_fail(err, VSS_UNSUPPORTED, 0,
				   "%s: a file that is mounted there by itself: name it where it lies", path);
	vss_volume_free(v);
	return rc;
}

/* The place of `dir`, fit to be taken, and `path` in it noted; or SIZE_MAX. */
static size_t
place_for(struct vss_plan *p, const char *path, const char *dir, struct vss_err *err)
{
	struct vss_volume *v = vss_plan_look(p, err) < 0 ? NULL : vss_volume_near(dir, err);

	if (!v)
		return SIZE_MAX;
	if (refuse_pseudo(v, path, err) < 0) {
		vss_volume_free(v);
		return SIZE_MAX;
	}
	size_t at = vss_plan_place_for(p, v, err);
	if (at != SIZE_MAX)
		vss_plan_note(p, at, path);
	return at;
}

int
vss_plan_add_path(struct vss_plan *p, const char *word, bool one_file_system, struct vss_err *err)
{
	struct stat st = { 0 };
	VSS_AUTOFREE char *path = path_of_word(word, &st, err);

	if (!path || refuse_mounted_file(path, &st, err) < 0)
		return -1;
	VSS_AUTOFREE char *dir = S_ISDIR(st.st_mode) ? vss_strdup(path) : vss_path_dir(path);
	size_t at = place_for(p, path, dir, err);
	if (at == SIZE_MAX)
		return -1;
	if (S_ISLNK(st.st_mode))
		tell_of_link(path);
	p->volumes[p->places[at].of].plain = true;
	vss_choice_add_path(&p->choice, path, p->places[at].volume->mount);
	return one_file_system || !S_ISDIR(st.st_mode) ? 0 : add_mounted_below(p, path, true, err);
}

int
vss_plan_need(struct vss_plan *p, const char *dir, bool recursive, struct vss_err *err)
{
	if (place_for(p, dir, dir, err) == SIZE_MAX)
		return -1;
	return recursive ? add_mounted_below(p, dir, false, err) : 0;
}

bool
vss_plan_reaches(const struct vss_plan *p, const char *dir)
{
	struct vss_err ignored;
	struct vss_volume *v = vss_volume_near(dir, &ignored);
	const struct vss_plan_place *at = v ? vss_plan_place_at(p, v->mount) : NULL;

	vss_volume_free(v);
	return at && vss_choice_is_plain(&p->choice, dir, (struct vss_choice_place){ at->volume->mount, at->plain });
}

/* --- what is shown twice --- */

/* Where what is mounted at `at` is come by, if it is a part of what is taken whole at `path`; the caller frees it. */
static char *
shown_at(const struct vss_plan *p, const struct vss_plan_place *at, const char *path)
{
	const struct vss_plan_place *other = vss_plan_place_of(p, path);

	if (!other || other == at || other->of != at->of)
		return NULL;
	VSS_AUTOFREE char *mine = vss_plan_inner(p, at, at->volume->mount), *its = vss_plan_inner(p, other, path);
	const char *rest = mine && its ? (*its ? vss_path_below(mine, its) : mine) : NULL;
	if (!rest || (!*rest && other->plain && at < other)) /* of two alike the first stays */
		return NULL;
	VSS_AUTOFREE char *there = vss_path_join(path, rest);
	struct vss_err ignored;
	struct vss_volume *v = vss_volume_of(there, &ignored);
	bool visible = v && strcmp(v->mount, other->volume->mount) == 0;
	vss_volume_free(v);
	return visible && !vss_choice_is_excluded(&p->choice, there) ? vss_take(&there) : NULL;
}

/* The same wherever that is, or NULL; *where is the path or mount that takes it. */
static char *
shown_elsewhere(const struct vss_plan *p, const struct vss_plan_place *at, const char **where)
{
	char *there = NULL;

	for (size_t i = 0; !there && i < p->choice.npaths; i++)
		there = shown_at(p, at, *where = p->choice.paths[i].path);
	for (size_t i = 0; !there && i < p->nplaces; i++)
		if (p->places[i].plain && p->places[i].enter)
			there = shown_at(p, at, *where = p->places[i].volume->mount);
	return there;
}

void
vss_plan_settle(struct vss_plan *p)
{
	for (size_t i = 0; i < p->nplaces; i++) {
		struct vss_plan_place *at = &p->places[i];
		const char *where = NULL;
		at->instead = at->plain && at->enter ? shown_elsewhere(p, at, &where) : NULL;
		if (!at->instead)
			continue;
		vss_warn("%s: shows what is taken at %s, and is not taken again", at->volume->mount, where);
		at->enter = false;
	}
}

/* --- where walks begin --- */

static bool
is_come_by(const struct vss_plan *p, const struct vss_strv *roots, const char *path)
{
	const struct vss_plan_place *at = vss_plan_place_of(p, path);
	VSS_AUTOFREE char *above = vss_strdup(path);

	if (at && at->enter)
		return true; /* all that is mounted there is walked through */
	for (;;) {
		if (vss_strv_has_sorted(roots, above) && vss_plan_place_of(p, above) == at)
			return true;
		if (strcmp(above, "/") == 0)
			return false;
		char *up = vss_path_dir(above);
		free(above);
		above = up;
	}
}

void
vss_plan_roots(const struct vss_plan *p, struct vss_strv *out)
{
	const struct vss_choice *c = &p->choice;
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;

	for (size_t i = 0; i < c->npaths; i++)
		vss_strv_add(&all, c->paths[i].path);
	for (size_t i = 0; i < c->nfiles; i++)
		if (!c->files[i].files.alternate)
			vss_strv_add(&all, c->files[i].files.path);
	vss_strv_sort(&all); /* directories before what is below them */
	for (size_t i = 0; i < all.n; i++)
		if (!is_come_by(p, out, all.v[i]))
			vss_strv_add(out, all.v[i]);
}

const char *
vss_plan_provider_for(const struct vss_plan_volume *v, const char *provider)
{
	return v->provider ? v->provider : provider;
}

int
vss_plan_add_to_set(const struct vss_plan *p, struct vss_session *s, const char *provider, struct vss_err *err)
{
	for (size_t i = 0; i < p->nvolumes; i++) {
		const struct vss_plan_volume *v = &p->volumes[i];
		const char *wish = vss_plan_provider_for(v, provider);
		if (vss_session_add_to_snapshot_set(s, v->volume, wish, &v->only, v->plain, err) < 0)
			return -1;
	}
	return 0;
}
