/* SPDX-License-Identifier: BSD-2-Clause */
#include "catalog/catalog.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "catalog/catalog_internal.h"
#include "doc/doc.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".xml"

void
vss_catalog_name(const struct vss_uuid *set_id, char out[VSS_CATALOG_NAME])
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(set_id, id);
	snprintf(out, VSS_CATALOG_NAME, "%s" SUFFIX, id);
}

int
vss_catalog_id_of(const char *name, struct vss_uuid *out)
{
	VSS_AUTOFREE char *id = vss_strndup(name, VSS_UUID_TEXT - 1);
	char again[VSS_CATALOG_NAME];

	if (vss_uuid_parse(id, out) < 0)
		return -1;
	vss_catalog_name(out, again); /* one name for one set: no braces, no capitals */
	return strcmp(name, again) == 0 ? 0 : -1;
}

static bool
is_there(int dirfd, const char *name)
{
	struct stat st;
	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Absence is fine. */
static int
drop(const struct vss_catalog_place *place, const char *name, struct vss_err *err)
{
	if (unlinkat(place->dirfd, name, 0) < 0) {
		if (errno == ENOENT)
			return 0;
		return vss_fail(err, VSS_SYSTEM, errno, "%s: remove %s", place->label, name);
	}
	if (vss_fsync_dir(place->dirfd, err) < 0)
		return vss_wrap(err, "%s", place->label);
	return 0;
}

static void
drop_all(const struct vss_catalog_place *places, const bool *fresh, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		struct vss_err err = VSS_ERR_INIT;
		if (fresh[i] && drop(&places[i], name, &err) < 0)
			vss_warn("%s", err.text);
	}
}

/* A document that was there before is replaced, not removed when a later place fails: the older text is gone, and the
 * newer one is as true. */
static int
write_places(const struct vss_catalog_place *places, size_t n, const char *name, const struct vss_buf *doc,
	struct vss_err *err)
{
	VSS_AUTOFREE bool *fresh = vss_alloc(n * sizeof *fresh);

	for (size_t i = 0; i < n; i++) {
		fresh[i] = !is_there(places[i].dirfd, name);
		if (vss_write_file_at(places[i].dirfd, name, doc->data, doc->len, 0600, err) == 0)
			continue;
		vss_wrap(err, "%s", places[i].label);
		drop_all(places, fresh, i + 1, name); /* also here: it may be in place but not yet durable */
		return -1;
	}
	return 0;
}

static int
write_cache(const char *name, const struct vss_buf *doc, struct vss_err *err)
{
	VSS_AUTOCLOSE int dirfd = vss_catalog_open_cache(true, err);
	return dirfd < 0 ? -1 : vss_write_file_at(dirfd, name, doc->data, doc->len, 0600, err);
}

int
vss_catalog_save(const struct vss_set *set, const struct vss_catalog_place *places, size_t n, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err cache_err = VSS_ERR_INIT;
	char name[VSS_CATALOG_NAME];

	vss_catalog_name(&set->id, name);
	if (vss_doc_write_set(set, &doc, err) < 0 || write_places(places, n, name, &doc, err) < 0)
		return vss_wrap(err, "set document");
	if (write_cache(name, &doc, &cache_err) == 0)
		return 0;
	vss_wrap(&cache_err, "set document: " VSS_CATALOG_CACHE_LABEL);
	if (n > 0) {
		vss_warn("%s", cache_err.text); /* the next scan fills it */
		return 0;
	}
	*err = cache_err; /* no copy of this set has a storage: nothing but the cache would know of it */
	return -1;
}

int
vss_catalog_remove(const struct vss_uuid *set_id, const struct vss_catalog_place *places, size_t n, struct vss_err *err)
{
	struct vss_err other = VSS_ERR_INIT;
	char name[VSS_CATALOG_NAME];
	int rc = 0;

	vss_catalog_name(set_id, name);
	for (size_t i = 0; i < n; i++)
		if (drop(&places[i], name, rc ? &other : err) < 0)
			rc = -1;
	VSS_AUTOCLOSE int dirfd = vss_catalog_open_cache(false, &other);
	if (dirfd < 0)
		return rc; /* what is not there holds nothing */
	const struct vss_catalog_place cache = { dirfd, VSS_CATALOG_CACHE_LABEL };
	other = (struct vss_err)VSS_ERR_INIT;
	if (drop(&cache, name, &other) == 0)
		return rc;
	if (n == 0) { /* nothing but the cache knew of it */
		*err = other;
		return -1;
	}
	vss_warn("%s", other.text); /* a scan does not believe it */
	return rc;
}
