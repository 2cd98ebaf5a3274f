/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive.h"

#include "wal.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
archive_ask(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char sql[] = "SELECT last_archived_wal FROM pg_stat_archiver";
	PGresult *r = k->conn ? server_query(k->conn, sql, NULL, deadline, err) : NULL;

	free(k->last_archived);
	k->last_archived = NULL;
	if (!r)
		return k->conn ? -1 : 0;
	if (wal_is_segment(server_value(r, 0, 0), true))
		k->last_archived = vss_strdup(server_value(r, 0, 0));
	PQclear(r);
	return 0;
}

/* Where the copy of `dir` can be read; NULL: nowhere. */
static char *
copy_of(const struct vss_sdk *w, const char *dir)
{
	struct vss_err ignored = VSS_ERR_INIT;
	VSS_AUTOFREE char *real = realpath(dir, NULL);
	struct vss_volume *v = real ? vss_volume_of(real, &ignored) : NULL;
	VSS_AUTOFREE char *inner = v ? vss_volume_inner(v, real) : NULL;
	char *found = NULL;

	for (size_t i = 0; inner && !found && i < vss_sdk_lines(w); i++) {
		const char *word = vss_sdk_line_word(w, i, 0), *mount = vss_sdk_line_word(w, i, 1);
		const char *copy = vss_sdk_line_word(w, i, 2);
		struct vss_volume *set = copy && strcmp(word, "volume") == 0 ? vss_volume_near(mount, &ignored) : NULL;

		if (set && strcmp(set->id, v->id) == 0)
			found = vss_path_join(copy, inner);
		vss_volume_free(set);
	}
	vss_volume_free(v);
	return found;
}

/* The part of a name that counts within any timeline: what was archived before the last one is whole. */
static bool
is_complete(const struct cluster *k, const char *name)
{
	return wal_is_segment(name, false) && strncmp(name + 8, k->last_archived + 8, WAL_NAME_LEN - 8) <= 0 &&
	       !vss_str_ends(name, ".backup") && !vss_str_ends(name, ".partial");
}

int
archive_note(struct cluster *k, const struct vss_sdk *w, struct vss_err *err)
{
	VSS_AUTOFREE char *copy = copy_of(w, k->options->archive);
	DIR *d = copy && k->last_archived ? opendir(copy) : NULL;

	if (!copy || !k->last_archived)
		return 0;
	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", copy);
	for (const struct dirent *e; (e = readdir(d));) {
		struct stat st;

		if (is_complete(k, e->d_name) && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode))
			VSS_PUSH(k->archived, k->narchived, k->carchived) =
				(struct archived){ vss_strdup(e->d_name), st };
	}
	closedir(d);
	return 0;
}

static bool
is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

long
archive_purge(const struct cluster *k, struct vss_err *err)
{
	VSS_AUTOCLOSE int dir = open(k->options->archive, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long n = 0;

	if (dir < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", k->options->archive);
	for (size_t i = 0; i < k->narchived; i++) {
		const struct archived *a = &k->archived[i];
		struct stat now;

		if (fstatat(dir, a->name, &now, AT_SYMLINK_NOFOLLOW) != 0 || !is_unchanged(&now, &a->st))
			continue;
		if (unlinkat(dir, a->name, 0) != 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s/%s", k->options->archive, a->name);
		n++;
	}
	return n;
}
