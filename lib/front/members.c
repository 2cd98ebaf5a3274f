/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backups.h"

#include "archive/member.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <stdio.h>
#include <sys/stat.h>

#define TIME_MOST (INT64_MAX / VSS_S) /* what 64 bits of nanoseconds can say; an archive may hold any other */

static const char *
type_of(const struct vss_member *m)
{
	if (m->hardlink)
		return "hardlink";
	switch (m->mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "character-device";
	case S_IFBLK:
		return "block-device";
	case S_IFIFO:
		return "fifo";
	default:
		return "socket";
	}
}

/* Members are kept without the slash in front; they are shown as the paths that they were. */
static char *
original_path(const char *path)
{
	return vss_str_eq(path, ".") ? vss_strdup("/") : vss_strf("/%s", path);
}

static void
print_json(struct vss_jw *w, const struct vss_member *m, const char *path)
{
	char mode[8], mtime[40], hex[65];
	snprintf(mode, sizeof mode, "%04o", (unsigned)m->mode & 07777);
	bool has_time = m->mtime_s > -TIME_MOST && m->mtime_s < TIME_MOST;
	vss_time_rfc3339(has_time ? m->mtime_s * VSS_S + m->mtime_ns : 0, mtime);
	vss_hex(hex, m->sha256, sizeof m->sha256);
	vss_jw_begin_object(w);
	vss_jw_path(w, "path", path);
	vss_jw_member_string(w, "type", type_of(m));
	vss_jw_member_string(w, "mode", mode);
	vss_jw_member_u64(w, "uid", m->uid);
	vss_jw_member_u64(w, "gid", m->gid);
	vss_jw_member_u64(w, "size", m->size);
	vss_jw_member_string(w, "mtime", has_time ? mtime : NULL);
	if (m->link)
		vss_jw_path(w, "target", m->link);
	if (m->hardlink) {
		VSS_AUTOFREE char *first = original_path(m->hardlink);
		vss_jw_path(w, "target", first);
	}
	if (m->has_digest)
		vss_jw_member_string(w, "sha256", hex);
	if (m->elsewhere)
		vss_jw_member_u64(w, "in", m->in);
	if (m->partial)
		vss_jw_member_bool(w, "ranges", true);
	vss_jw_end_object(w);
}

static int
print_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	VSS_AUTOFREE char *path = original_path(m->path);
	if (vss_path_is_below(path, "/.vss"))
		return 0; /* the documents: a path of that name is never backed up */
	if (m->partial && !m->elsewhere)
		return 0; /* the line that says where the rest is speaks for both */
	if (ctx) {
		print_json(ctx, m, path);
	} else {
		VSS_AUTOFREE char *shown = vss_out_name(path);
		vss_out("%s\n", shown);
	}
	return vss_check_interrupt(err);
}

int
vss_front_members(const char *archive, bool json, struct vss_err *err)
{
	struct vss_jw *w = json ? vss_out_json() : NULL;
	if (w)
		vss_jw_begin_array(w);
	int rc = vss_list_members(archive, print_member, w, err);
	if (w && rc == 0)
		vss_jw_end_array(w);
	if (w)
		vss_out_json_end(w);
	return rc;
}
