/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/at_boot_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/time.h"
#include "os/boot.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One run of vss-restore-at-boot. */
struct commit {
	struct vss_uuid boot;
	size_t moved, failed;
};

/* What people want to read later, on the screen of a boot that nobody saw, and in the log. */
static void
keep_in_log(const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = vss_boot_path("log", &err);
	VSS_AUTOCLOSE int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
	char now[40];

	vss_time_rfc3339(vss_now_wall(), now);
	VSS_AUTOFREE char *line = vss_strf("%s %s\n", now, text);
	if (fd < 0 || vss_write_all(fd, line, strlen(line), &err) < 0)
		vss_warn("the log of restores at start cannot be written");
}

static vss_boot_tell tell;
static void
tell(bool failed, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	VSS_AUTOFREE char *shown = vss_escaped(text.data);
	if (failed)
		vss_complain("%s", shown);
	else
		vss_info("%s", shown);
	keep_in_log(shown);
}

/* --- the stages of the state directory --- */

/* Names in the order of their bytes: IDs with this ending. */
static int
list_stages(const char *ending, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_boot_path("", err);
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *e;

	if (!dir)
		return path ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : -1;
	for (errno = 0; (e = readdir(dir)); errno = 0) {
		struct vss_uuid id;
		size_t n = strlen(e->d_name);
		if (n != VSS_UUID_TEXT - 1 + strlen(ending) || !vss_str_ends(e->d_name, ending))
			continue;
		VSS_AUTOFREE char *text = vss_strndup(e->d_name, VSS_UUID_TEXT - 1);
		if (vss_uuid_parse(text, &id) == 0)
			vss_strv_add(out, text);
	}
	int rc = errno ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : 0;
	closedir(dir);
	vss_strv_sort(out);
	return rc;
}

/* Another ending for the journal, durably. */
static int
rename_journal(const char *id, const char *ending, struct vss_err *err)
{
	VSS_AUTOFREE char *to_name = vss_strf("%s%s", id, ending);
	VSS_AUTOFREE char *from = vss_boot_path(id, err);
	VSS_AUTOFREE char *to = from ? vss_boot_path(to_name, err) : NULL;
	VSS_AUTOFREE char *dir = to ? vss_path_dir(to) : NULL;

	if (!dir)
		return -1;
	if (rename(from, to) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", from);
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", dir) : vss_fsync_dir(fd, err);
}

/* Each directory that the entries wait in, once. */
static void
dirs_of(const struct vss_boot_journal *j, struct vss_strv *out)
{
	for (size_t i = 0; i < j->n; i++) {
		VSS_AUTOFREE char *dir = vss_path_dir(j->v[i].place);
		if (!out->n || (strcmp(out->v[out->n - 1], dir) != 0 && !vss_strv_has(out, dir)))
			vss_strv_add(out, dir);
	}
}

/* All is in its place: what is left are empty directories. */
static int
clean_up(const char *id, struct vss_err *err)
{
	VSS_AUTOFREE char *name = vss_strf("%s" VSS_BOOT_DONE, id);
	VSS_AUTOFREE char *path = vss_boot_path(name, err);
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT;
	struct vss_boot_journal j;

	if (!path || vss_boot_journal_read(path, id, &j, err) < 0)
		return -1;
	dirs_of(&j, &dirs);
	vss_boot_journal_clear(&j);
	for (size_t i = 0; i < dirs.n; i++)
		if (vss_boot_dir_remove(dirs.v[i], err) < 0)
			return -1;
	return unlink(path) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : 0;
}

/* --- one stage --- */

static int
open_dirs(const struct vss_strv *dirs, int *fds, struct vss_err *err)
{
	for (size_t i = 0; i < dirs->n; i++) {
		fds[i] = vss_boot_open(dirs->v[i], O_RDONLY | O_DIRECTORY, err);
		if (fds[i] < 0)
			return -1;
	}
	return 0;
}

static int
write_out(const struct vss_strv *dirs, const int *fds, struct vss_err *err)
{
	for (size_t i = 0; i < dirs->n; i++)
		if (syncfs(fds[i]) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: write out", dirs->v[i]);
	return 0;
}

static int
settle(const char *id, const struct vss_boot_journal *j, size_t failed, struct vss_err *err)
{
	if (failed) {
		tell(true, "%s: %zu of %zu could not be moved and stay where they wait", j->what, failed, j->n);
		return rename_journal(id, VSS_BOOT_FAILED, err);
	}
	if (rename_journal(id, VSS_BOOT_DONE, err) < 0)
		return -1;
	vss_stop_point("at-boot.done");
	tell(false, "%s: all %zu moved to their places", j->what, j->n);
	return clean_up(id, err);
}

/* The directories are held: what is not there now is on a file system that is not mounted, and the next boot tries again. */
static int
move_stage(struct commit *c, const char *id, const struct vss_boot_journal *j, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT;
	size_t moved = 0;

	dirs_of(j, &dirs);
	VSS_AUTOFREE int *fds = vss_alloc((dirs.n + 1) * sizeof *fds);
	for (size_t i = 0; i < dirs.n; i++)
		fds[i] = -1;
	int rc = open_dirs(&dirs, fds, err);
	if (rc == 0) {
		moved = vss_boot_move(j, tell);
		c->moved += moved;
		c->failed += j->n - moved;
		rc = write_out(&dirs, fds, err);
	}
	for (size_t i = 0; i < dirs.n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return rc < 0 ? -1 : settle(id, j, j->n - moved, err);
}

static void
commit_one(struct commit *c, const char *id)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_boot_journal j = { 0 };
	VSS_AUTOFREE char *path = vss_boot_path(id, &err);
	int rc = path ? vss_boot_journal_read(path, id, &j, &err) : -1;

	if (rc == 0 && !vss_uuid_eq(&j.boot, &c->boot))
		rc = move_stage(c, id, &j, &err);
	if (rc < 0) {
		c->failed++;
		tell(true, "restore at start %s: %s", id, err.text);
	}
	vss_boot_journal_clear(&j);
}

static int
commit_all(struct commit *c, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv done = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv sealed = VSS_STRV_INIT;

	if (list_stages(VSS_BOOT_DONE, &done, err) < 0 || list_stages("", &sealed, err) < 0)
		return -1;
	for (size_t i = 0; i < done.n; i++) {
		struct vss_err why = VSS_ERR_INIT;
		if (clean_up(done.v[i], &why) < 0)
			tell(true, "restore at start %s: what is left of it: %s", done.v[i], why.text);
	}
	for (size_t i = 0; i < sealed.n; i++)
		commit_one(c, sealed.v[i]);
	return 0;
}

int
vss_at_boot_commit(size_t *moved, size_t *failed, struct vss_err *err)
{
	struct commit c = { 0 };
	mode_t mask;

	*moved = *failed = 0;
	if (vss_boot_id(&c.boot, err) < 0)
		return -1;
	VSS_AUTOCLOSE int lock = vss_boot_lock(err);
	if (lock < 0 || vss_boot_sweep(err) < 0)
		return -1;
	mask = umask(022); /* of parents that have gone meanwhile */
	int rc = commit_all(&c, err);
	umask(mask);
	*moved = c.moved;
	*failed = c.failed;
	return rc;
}

int
vss_at_boot_pending(int (*each)(void *ctx, const char *id, const char *what, size_t files, struct vss_err *err),
	void *ctx, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv sealed = VSS_STRV_INIT;
	int rc = list_stages("", &sealed, err);

	for (size_t i = 0; rc == 0 && i < sealed.n; i++) {
		struct vss_boot_journal j;
		VSS_AUTOFREE char *path = vss_boot_path(sealed.v[i], err);
		rc = path ? vss_boot_journal_read(path, sealed.v[i], &j, err) : -1;
		if (rc < 0)
			break;
		rc = each(ctx, sealed.v[i], j.what, j.n, err);
		vss_boot_journal_clear(&j);
	}
	return rc;
}
