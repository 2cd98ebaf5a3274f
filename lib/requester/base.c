/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/base.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "requester/documents.h"
#include "requester/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The search for one. */
struct search {
	enum vss_backup_type type; /* of the backup that is to be made */
	char host[256];
	struct vss_shelf shelf; /* the directory that it lies in */
};

static bool
is_of_this_host(const struct search *s, const struct vss_bcd *bcd)
{
	return vss_str_eq(bcd->host, s->host);
}

/* May a backup of the search's type build on one of this type (B26)? */
static bool
bears(const struct search *s, enum vss_backup_type type)
{
	return type == VSS_BT_FULL || (type == VSS_BT_INCREMENTAL && s->type == VSS_BT_INCREMENTAL);
}

/* The first component that the backup has not whole. */
static const struct vss_bcd_component *
failed_component(const struct vss_bcd *bcd)
{
	for (size_t i = 0; i < bcd->nwriters; i++)
		for (size_t k = 0; k < bcd->writers[i].ncomponents; k++) {
			const struct vss_bcd_component *c = &bcd->writers[i].components[k];
			if (c->failure != VSS_OK || !c->succeeded_known || !c->succeeded)
				return c;
		}
	return NULL;
}

static int
check_whole(const char *path, const struct vss_bcd *bcd, struct vss_err *err)
{
	const struct vss_bcd_component *c = failed_component(bcd);

	if (!c)
		return 0;
	return vss_fail(err, VSS_INVALID, 0,
		"%s: cannot be built on, component %s failed in it: make a full backup, or name an earlier one with "
		"--base",
		path, c->name);
}

static int
check_kind(const struct search *s, const char *path, const struct vss_bcd *bcd, struct vss_err *err)
{
	if (!is_of_this_host(s, bcd))
		return vss_fail(err, VSS_INVALID, 0, "%s: cannot be built on, it is a backup of another host, %s", path,
			bcd->host ? bcd->host : "which it does not name");
	if (!bears(s, bcd->type))
		return vss_fail(err, VSS_INVALID, 0,
			"%s: a %s backup is nothing that can be built on: name a full%s one with --base", path,
			vss_backup_type_word(bcd->type), s->type == VSS_BT_INCREMENTAL ? " or incremental" : "");
	return check_whole(path, bcd, err);
}

/* All that it builds on lies beside it, of the same host; else nobody could restore what is made now. */
static int
check_chain(struct search *s, const char *path, const struct vss_bcd *bcd, struct vss_err *err)
{
	for (size_t i = 0; i < bcd->nchain; i++) {
		const struct vss_bcd_image *image = &bcd->chain[i];
		const struct vss_shelf_archive *a = vss_shelf_find(&s->shelf, &image->backup_id, image->archive);
		char id[VSS_UUID_BRACED];
		vss_uuid_braced(&image->backup_id, id);
		if (!a)
			return vss_fail(err, VSS_INVALID, 0,
				"%s: cannot be built on, it builds on %s (%s), which is not in %s: make a full backup",
				path, image->archive ? image->archive : "a backup", id, s->shelf.dir);
		if (a->bcd->type != image->type || a->bcd->nchain != i || !is_of_this_host(s, a->bcd))
			return vss_fail(err, VSS_INVALID, 0,
				"%s: cannot be built on, %s is not the backup that it says it builds on", path,
				a->path);
	}
	if (bcd->type == VSS_BT_FULL ? bcd->nchain : !bcd->nchain || bcd->chain[0].type != VSS_BT_FULL)
		return vss_fail(err, VSS_INVALID, 0, "%s: does not say right what it builds on", path);
	return 0;
}

/* --- which one --- */

/* Those that cannot be it are passed over: with a word where somebody may think that they could. */
static bool
may_be_it(const struct search *s, const struct vss_shelf_archive *a)
{
	if (!a->bcd) {
		vss_warn("%s: cannot be built on: %s", a->path, a->problem);
		return false;
	}
	if (!is_of_this_host(s, a->bcd) || !bears(s, a->bcd->type))
		return false;
	const struct vss_bcd_component *failed = failed_component(a->bcd);
	if (failed)
		vss_warn("%s: not built on, component %s failed in it", a->path, failed->name);
	return !failed;
}

static const char *
newest(const struct search *s, struct vss_err *err)
{
	const struct vss_shelf_archive *best = NULL;

	for (size_t i = 0; i < s->shelf.n; i++) {
		const struct vss_shelf_archive *a = &s->shelf.v[i];
		if (may_be_it(s, a) && (!best || a->bcd->created_ns > best->bcd->created_ns))
			best = a;
	}
	if (!best)
		vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
			"%s: has no full backup of this host to build on: make one first, or name one with --base",
			s->shelf.dir);
	return best ? best->path : NULL;
}

/* A differential goes back to where the chain of the archive that was named begins. */
static const char *
first_of_chain(struct search *s, const struct vss_base *b, struct vss_err *err)
{
	if (check_chain(s, b->path, b->bcd, err) < 0)
		return NULL;
	return vss_shelf_find(&s->shelf, &b->bcd->chain[0].backup_id, NULL)->path;
}

/* --- opening --- */

static int
open_archive(struct vss_base *b, const char *path, struct vss_err *err)
{
	struct stat st;

	b->path = vss_strdup(path);
	b->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (b->fd < 0 || fstat(b->fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: not a file, which what is built on must be", path);
	b->reader = vss_archive_open(b->fd, err);
	b->bcd = b->reader ? vss_read_bcd(b->reader, err) : NULL;
	return b->bcd ? 0 : vss_wrap(err, "%s: cannot be built on", path);
}

static int
open_named(struct vss_base *b, struct search *s, const char *path, struct vss_err *err)
{
	if (open_archive(b, path, err) < 0)
		return -1;
	if (s->type != VSS_BT_DIFFERENTIAL || b->bcd->type != VSS_BT_INCREMENTAL || !b->bcd->nchain)
		return 0;
	const char *full = first_of_chain(s, b, err);
	if (!full)
		return -1;
	vss_base_close(b);
	return open_archive(b, full, err);
}

/* Who has a part in increments of the other kind on the full backup that this one goes back to? */
static void
look_for_mixed(struct vss_base *b, const struct search *s)
{
	const struct vss_uuid *full = b->bcd->nchain ? &b->bcd->chain[0].backup_id : &b->bcd->backup_id;
	enum vss_backup_type other = s->type == VSS_BT_INCREMENTAL ? VSS_BT_DIFFERENTIAL : VSS_BT_INCREMENTAL;

	for (size_t i = 0; i < s->shelf.n; i++) {
		const struct vss_bcd *bcd = s->shelf.v[i].bcd;
		if (!bcd || bcd->type != other || !bcd->nchain || !vss_uuid_eq(&bcd->chain[0].backup_id, full))
			continue;
		for (size_t k = 0; k < bcd->nwriters; k++)
			VSS_PUSH(b->mixed, b->nmixed, b->cmixed) = bcd->writers[k].writer_id;
	}
}

static int
look(struct vss_base *b, struct search *s, const char *wish, bool is_dir, struct vss_err *err)
{
	const char *path = is_dir ? newest(s, err) : wish;

	if (!path || open_named(b, s, path, err) < 0 || check_kind(s, b->path, b->bcd, err) < 0 ||
		check_chain(s, b->path, b->bcd, err) < 0)
		return -1;
	b->number = (unsigned)b->bcd->nchain;
	look_for_mixed(b, s);
	return 0;
}

int
vss_base_open(struct vss_base *b, const char *wish, enum vss_backup_type type, struct vss_err *err)
{
	struct search s = { .type = type };
	struct stat st;

	if (stat(wish, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", wish);
	if (gethostname(s.host, sizeof s.host - 1) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "the name of this host");
	VSS_AUTOFREE char *dir = S_ISDIR(st.st_mode) ? vss_strdup(wish) : vss_path_dir(wish);
	int rc = vss_shelf_read(&s.shelf, dir, err);
	if (rc == 0)
		rc = look(b, &s, wish, S_ISDIR(st.st_mode), err);
	vss_shelf_clear(&s.shelf);
	return rc;
}

int
vss_base_read(struct vss_base *b, int spool_dirfd, struct vss_err *err)
{
	b->tree = vss_archive_tree_new(b->reader, spool_dirfd, err);
	return b->tree ? 0 : vss_wrap(err, "%s: cannot be built on", b->path);
}

void
vss_base_close(struct vss_base *b)
{
	vss_archive_tree_free(b->tree);
	vss_archive_reader_free(b->reader);
	vss_bcd_free(b->bcd);
	if (b->fd >= 0)
		close(b->fd);
	free(b->path);
	free(b->mixed);
	*b = (struct vss_base)VSS_BASE_NONE;
}

/* --- what it says --- */

void
vss_base_note_chain(const struct vss_base *b, struct vss_bcd *bcd)
{
	for (size_t i = 0; i < b->bcd->nchain; i++)
		vss_bcd_add_image(bcd, &b->bcd->chain[i].backup_id, b->bcd->chain[i].type, b->bcd->chain[i].archive);
	vss_bcd_add_image(bcd, &b->bcd->backup_id, b->bcd->type, vss_path_base(b->path));
}

/* An instance has a new ID at every start (M10), but its components are its own among all of the class (C5). */
const struct vss_bcd_component *
vss_base_component(const struct vss_base *b, const struct vss_uuid *writer, const char *logical_path, const char *name)
{
	for (size_t i = 0; i < b->bcd->nwriters; i++) {
		const struct vss_bcd_writer *w = &b->bcd->writers[i];
		const struct vss_bcd_component *c =
			vss_uuid_eq(&w->writer_id, writer) ? vss_bcd_find_component(w, logical_path, name) : NULL;
		if (c)
			return c;
	}
	return NULL;
}

bool
vss_base_is_mixed(const struct vss_base *b, const struct vss_uuid *writer)
{
	for (size_t i = 0; i < b->nmixed; i++)
		if (vss_uuid_eq(&b->mixed[i], writer))
			return true;
	return false;
}

const char *
vss_base_volume_of(const struct vss_base *b, const char *path)
{
	const struct vss_bcd_volume *best = NULL;

	for (size_t i = 0; i < b->bcd->nvolumes; i++) {
		const struct vss_bcd_volume *v = &b->bcd->volumes[i];
		if (vss_path_is_below(path, v->mount) && (!best || strlen(v->mount) > strlen(best->mount)))
			best = v;
	}
	return best ? best->id : NULL;
}
