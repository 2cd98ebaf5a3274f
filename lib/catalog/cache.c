/* SPDX-License-Identifier: BSD-2-Clause */
#include "catalog/catalog.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "catalog/catalog_internal.h"
#include "doc/doc.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
vss_catalog_open_cache(bool make, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_state_dir(), "sets");

	if (make && vss_make_dirs(path, err) < 0)
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : fd;
}

int
vss_catalog_cached(struct vss_set_list *out, struct vss_err *err)
{
	struct vss_err absent = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dirfd = vss_catalog_open_cache(false, &absent);

	if (dirfd < 0 && absent.code == VSS_ABSENT)
		return 0;
	if (dirfd < 0) {
		*err = absent;
		return -1;
	}
	const struct vss_catalog_place cache = { dirfd, VSS_CATALOG_CACHE_LABEL };
	return vss_catalog_scan(&cache, 1, out, err);
}

/* Every write is synced, so what has not changed is left alone. */
static int
refresh_one(int dirfd, const struct vss_set *set, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf now = VSS_BUF_INIT, old = VSS_BUF_INIT;
	struct vss_err unread = VSS_ERR_INIT;
	char name[VSS_CATALOG_NAME];

	vss_catalog_name(&set->id, name);
	if (vss_doc_write_set(set, &now, err) < 0)
		return -1;
	if (vss_read_file_at(dirfd, name, VSS_DOC_LIMIT, &old, &unread) == 0 && old.len == now.len &&
		memcmp(old.data, now.data, now.len) == 0)
		return 0;
	return vss_write_file_at(dirfd, name, now.data, now.len, 0600, err);
}

static bool
is_wanted(const struct vss_set_list *sets, const struct vss_uuid *id)
{
	for (size_t i = 0; i < sets->n; i++)
		if (vss_uuid_eq(&sets->v[i]->id, id))
			return true;
	return false;
}

/* Takes away the documents of sets that are gone; other files are none of ours. */
static int
drop_others(int dirfd, const struct vss_set_list *sets, struct vss_err *err)
{
	struct vss_uuid id;
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		vss_fail(err, VSS_SYSTEM, errno, "list");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	int rc = 0;
	for (struct dirent *e; rc == 0 && (e = readdir(dir));)
		if (vss_catalog_id_of(e->d_name, &id) == 0 && !is_wanted(sets, &id) &&
			unlinkat(dirfd, e->d_name, 0) < 0 && errno != ENOENT)
			rc = vss_fail(err, VSS_SYSTEM, errno, "remove %s", e->d_name);
	closedir(dir);
	return rc;
}

int
vss_catalog_refresh(const struct vss_set_list *sets, struct vss_err *err)
{
	VSS_AUTOCLOSE int dirfd = vss_catalog_open_cache(true, err);

	if (dirfd < 0)
		return -1;
	for (size_t i = 0; i < sets->n; i++)
		if (refresh_one(dirfd, sets->v[i], err) < 0)
			return vss_wrap(err, VSS_CATALOG_CACHE_LABEL);
	if (drop_others(dirfd, sets, err) < 0)
		return vss_wrap(err, VSS_CATALOG_CACHE_LABEL);
	return 0;
}
