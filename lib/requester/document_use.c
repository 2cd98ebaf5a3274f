/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/document_copy.h"

#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "model/logical.h"
#include "os/durable.h"
#include "requester/documents.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* --- is it of this archive? --- */

static bool
has_partial(const struct vss_bcd_component *c, const struct vss_bcd_partial *p)
{
	for (size_t i = 0; i < c->npartials; i++)
		if (vss_str_eq(c->partials[i].path, p->path) && vss_str_eq(c->partials[i].name, p->name))
			return true;
	return false;
}

static int
check_component(const struct vss_bcd_writer *own, const struct vss_bcd_component *c, struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
	const struct vss_bcd_component *mine = vss_bcd_find_component(own, c->logical_path, c->name);

	if (!mine)
		return vss_fail(err, VSS_INVALID, 0, "names component %s, which the archive has not", full);
	for (size_t i = 0; i < c->npartials; i++)
		if (!has_partial(mine, &c->partials[i]))
			return vss_fail(err, VSS_INVALID, 0,
				"component %s: names ranges of %s/%s, which the archive has not", full,
				c->partials[i].path, c->partials[i].name);
	return 0;
}

static int
check_writer(const struct vss_bcd *own, const struct vss_bcd_writer *w, struct vss_err *err)
{
	const struct vss_bcd_writer *mine = vss_bcd_find_writer(own, &w->writer_id, &w->instance_id);
	char id[VSS_UUID_BRACED];

	vss_uuid_braced(&w->writer_id, id);
	const char *name = w->name ? w->name : id;
	if (!mine)
		return vss_fail(err, VSS_INVALID, 0, "names writer \"%s\", which the archive has not", name);
	for (size_t i = 0; i < w->ncomponents; i++)
		if (check_component(mine, &w->components[i], err) < 0)
			return vss_wrap(err, "writer \"%s\"", name);
	return 0;
}

static bool
is_same_chain(const struct vss_bcd *a, const struct vss_bcd *b)
{
	bool same = a->type == b->type && a->nchain == b->nchain;

	for (size_t i = 0; same && i < a->nchain; i++)
		same = vss_uuid_eq(&a->chain[i].backup_id, &b->chain[i].backup_id);
	return same;
}

static int
check(const struct vss_bcd *own, const struct vss_bcd *b, struct vss_err *err)
{
	char mine[VSS_UUID_BRACED], its[VSS_UUID_BRACED];

	vss_uuid_braced(&own->backup_id, mine);
	vss_uuid_braced(&b->backup_id, its);
	if (!vss_uuid_eq(&own->backup_id, &b->backup_id) || !is_same_chain(own, b) || !vss_str_eq(own->host, b->host))
		return vss_fail(err, VSS_INVALID, 0, "is of another backup: %s, and the archive is %s", its, mine);
	for (size_t i = 0; i < b->nwriters; i++)
		if (check_writer(own, &b->writers[i], err) < 0)
			return -1;
	for (size_t i = 0; i < b->paths.n; i++)
		if (!vss_strv_has(&own->paths, b->paths.v[i]))
			return vss_fail(
				err, VSS_INVALID, 0, "names the path %s, which the archive has not", b->paths.v[i]);
	return 0;
}

/* --- in the place of the archive's --- */

static int
use_components(struct vss_archive_reader *r, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err own_err = VSS_ERR_INIT;

	if (vss_read_file(path, VSS_DOC_LIMIT, &doc, err) < 0)
		return -1;
	struct vss_bcd *b = vss_doc_read_bcd(doc.data, doc.len, err);
	if (!b)
		return -1;
	struct vss_bcd *own = vss_read_bcd(r, &own_err);
	int rc = own ? check(own, b, err) : vss_fail(err, own_err.code, own_err.sys, "%s", own_err.text);
	vss_bcd_free(b);
	vss_bcd_free(own);
	if (rc < 0)
		return -1;
	/* a stream is asked for the initial one */
	vss_archive_put_in_place(r, VSS_DOC_FINAL, &doc);
	vss_archive_put_in_place(r, VSS_DOC_INITIAL, &doc);
	return 0;
}

static int
use_writer(struct vss_archive_reader *r, const char *dir, const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, name);
	VSS_AUTOFREE char *inside = vss_strf("writers/%s", name);
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	if (vss_read_file(path, VSS_DOC_LIMIT, &doc, err) < 0)
		return vss_wrap(err, "%s", name);
	struct vss_metadata *m = vss_doc_read_metadata(doc.data, doc.len, err);
	if (!m)
		return vss_wrap(err, "%s", name);
	vss_metadata_free(m);
	vss_archive_put_in_place(r, inside, &doc);
	return 0;
}

static int
use_writers(struct vss_archive_reader *r, const char *dir, struct vss_err *err)
{
	DIR *d = opendir(dir);
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "writers");
	errno = 0;
	for (const struct dirent *e; rc == 0 && (e = readdir(d)); errno = 0)
		if (vss_str_ends(e->d_name, ".xml"))
			rc = use_writer(r, dir, e->d_name, err);
	if (rc == 0 && errno)
		rc = vss_fail(err, VSS_SYSTEM, errno, "writers");
	closedir(d);
	return rc;
}

static int
use(struct vss_archive_reader *r, const char *wish, struct vss_err *err)
{
	VSS_AUTOFREE char *components = vss_path_join(wish, VSS_DOC_FINAL);
	VSS_AUTOFREE char *writers = vss_path_join(wish, "writers");
	struct stat st;

	if (stat(wish, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "look for it");
	if (!S_ISDIR(st.st_mode))
		return use_components(r, wish, err);
	return use_components(r, components, err) < 0 ? -1 : use_writers(r, writers, err);
}

int
vss_document_use(struct vss_image *image, const char *wish, struct vss_err *err)
{
	if (use(image->reader, wish, err) < 0)
		return vss_wrap(err, "%s", wish);
	vss_bcd_free(image->bcd);
	image->bcd = vss_read_bcd(image->reader, err);
	return image->bcd ? 0 : -1;
}
