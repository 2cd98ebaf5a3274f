/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/boot.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_LIMIT (PATH_MAX + 1024)

/* --- The record: path, share and boot ID, each ended by a NUL, since a path may have any other byte --- */

static char *
record_of(const struct vss_uuid *shadow)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	return vss_strf("%s/exposed/%s", vss_state_dir(), id);
}

void
copies_exposure_clear(struct copies_exposure *e)
{
	free(e->path);
	free(e->share);
	*e = (struct copies_exposure){ 0 };
}

int
copies_exposed_note(const struct vss_uuid *shadow, const struct copies_exposure *e, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *record = record_of(shadow);
	VSS_AUTOFREE char *dir = vss_strf("%s/exposed", vss_state_dir());
	char boot[VSS_UUID_TEXT];

	if (vss_make_dirs(dir, err) < 0)
		return -1;
	vss_uuid_text(&e->boot, boot);
	vss_buf_add(&text, e->path, strlen(e->path) + 1);
	vss_buf_add(&text, e->share ? e->share : "", (e->share ? strlen(e->share) : 0) + 1);
	vss_buf_add(&text, boot, strlen(boot) + 1);
	return vss_write_file(record, text.data, text.len, 0600, err);
}

void
copies_exposed_forget(const struct vss_uuid *shadow)
{
	VSS_AUTOFREE char *record = record_of(shadow);
	(void)unlink(record); /* one that stays behind is found out to be untrue */
}

/* The next word of the record, and what is behind it; NULL at its end. */
static const char *
next_word(const char **at, const char *end)
{
	const char *word = *at;
	const char *nul = word < end ? memchr(word, '\0', (size_t)(end - word)) : NULL;

	if (!nul)
		return NULL;
	*at = nul + 1;
	return word;
}

int
copies_exposed_read(const struct vss_uuid *shadow, struct copies_exposure *out)
{
	VSS_AUTOFREE char *record = record_of(shadow);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	*out = (struct copies_exposure){ 0 };
	if (vss_read_file(record, RECORD_LIMIT, &text, &err) < 0) {
		if (err.code != VSS_ABSENT)
			vss_debug("%s", err.text);
		return -1;
	}
	const char *at = text.data, *end = text.data + text.len;
	const char *path = next_word(&at, end);
	const char *share = path ? next_word(&at, end) : NULL;
	const char *boot = share ? next_word(&at, end) : NULL;
	if (!boot || *path != '/' || vss_uuid_parse(boot, &out->boot) != 0)
		return -1;
	out->path = vss_strdup(path);
	out->share = *share ? vss_strdup(share) : NULL;
	return 0;
}

/* --- What is true of it --- */

bool
copies_is_shown_at(const char *path, const struct vss_uuid *shadow, const struct vss_mount_list *mounts)
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

bool
copies_is_hidden_at(const char *path, const char *device)
{
	struct stat there, copy;

	return stat(path, &there) == 0 && stat(device, &copy) == 0 &&
	       (there.st_dev != copy.st_dev || there.st_ino != copy.st_ino);
}

/* Without the table of mounts only links can be seen; that is said, and no reason to show nothing. */
static void
read_mounts(struct vss_mount_list *mounts)
{
	struct vss_err err = VSS_ERR_INIT;
	if (vss_mounts(mounts, &err) < 0)
		vss_warn("%s", err.text);
}

static void
fill_one(struct vss_shadow *sh, const struct vss_mount_list *mounts)
{
	struct copies_exposure e;

	free(sh->exposed);
	free(sh->share);
	sh->exposed = sh->share = NULL;
	if (copies_exposed_read(&sh->id, &e) < 0)
		return;
	if (copies_is_shown_at(e.path, &sh->id, mounts) && !copies_is_hidden_at(e.path, sh->device)) {
		sh->exposed = vss_take(&e.path);
		sh->share = vss_take(&e.share);
	}
	copies_exposure_clear(&e);
}

void
copies_exposed_fill(struct vss_set_list *l)
{
	struct vss_mount_list mounts = { 0 };

	read_mounts(&mounts);
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->v[i]->nshadows; k++)
			fill_one(&l->v[i]->shadows[k], &mounts);
	vss_mount_list_free(&mounts);
}

/* Every record: its copy and what it says.  `visit` returning true ends it. */
static bool
each_record(bool (*visit)(void *ctx, const struct vss_uuid *shadow, const struct copies_exposure *e), void *ctx)
{
	VSS_AUTOFREE char *dir = vss_strf("%s/exposed", vss_state_dir());
	DIR *d = opendir(dir);
	bool found = false;

	for (struct dirent *ent; d && !found && (ent = readdir(d));) {
		struct vss_uuid shadow;
		struct copies_exposure e;
		if (vss_uuid_parse(ent->d_name, &shadow) != 0 || copies_exposed_read(&shadow, &e) < 0)
			continue;
		found = visit(ctx, &shadow, &e);
		copies_exposure_clear(&e);
	}
	if (d)
		closedir(d);
	return found;
}

struct search {
	const char *path, *share; /* one of them */
	struct vss_uuid shadow;
};

static bool
is_wanted(void *ctx, const struct vss_uuid *shadow, const struct copies_exposure *e)
{
	struct search *s = ctx;

	s->shadow = *shadow;
	return s->path ? strcmp(e->path, s->path) == 0 : vss_str_caseeq(e->share, s->share);
}

static int
search(struct search *s, struct vss_uuid *shadow)
{
	if (!each_record(is_wanted, s))
		return -1;
	*shadow = s->shadow;
	return 0;
}

int
copies_exposed_at(const char *path, struct vss_uuid *shadow)
{
	return search(&(struct search){ .path = path }, shadow);
}

int
copies_exposed_as(const char *share, struct vss_uuid *shadow)
{
	return search(&(struct search){ .share = share }, shadow);
}

struct tidying {
	const struct vss_set_list *l;
	struct vss_mount_list mounts;
	struct vss_uuid boot;
};

static bool
is_known(const struct vss_set_list *l, const struct vss_uuid *shadow)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->v[i]->nshadows; k++)
			if (vss_uuid_eq(&l->v[i]->shadows[k].id, shadow))
				return true;
	return false;
}

/* What is not mounted was unmounted by somebody (S38), or the machine has started since and it waits to be made again (S37). */
static bool
drop_when_stale(void *ctx, const struct vss_uuid *shadow, const struct copies_exposure *e)
{
	const struct tidying *t = ctx;
	bool waits = is_known(t->l, shadow) && !vss_uuid_eq(&e->boot, &t->boot);

	if (!waits && !copies_is_shown_at(e->path, shadow, &t->mounts))
		copies_exposed_forget(shadow);
	return false;
}

void
copies_exposed_tidy(const struct vss_set_list *l)
{
	struct tidying t = { .l = l };
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int lock = copies_lock_exposures(0, &err);

	if (lock < 0) /* somebody is at it: next time */
		return;
	if (vss_boot_id(&t.boot, &err) < 0) {
		vss_warn("%s", err.text);
		return;
	}
	read_mounts(&t.mounts);
	each_record(drop_when_stale, &t);
	vss_mount_list_free(&t.mounts);
}
