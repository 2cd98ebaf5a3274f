/* SPDX-License-Identifier: BSD-2-Clause */
#include "disk.h"

#include "program.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTROLDATA_MS = 5000, SMALL_FILE = 65536 };

void
disk_clear(struct disk *d)
{
	free(d->fault);
	free(d->data);
	free(d->version);
	free(d->wal);
	vss_strv_free(&d->tablespaces);
	free(d->bindir);
	free(d->port);
	free(d->host);
	free(d->system_identifier);
	free(d->timeline);
	free(d->checkpoint);
	*d = (struct disk)DISK_INIT;
}

bool
disk_same(const struct disk *a, const struct disk *b)
{
	if (a->state != b->state || !vss_str_eq(a->data, b->data) || !vss_str_eq(a->wal, b->wal) ||
		!vss_str_eq(a->version, b->version) || a->tablespaces.n != b->tablespaces.n)
		return false;
	for (size_t i = 0; i < a->tablespaces.n; i++)
		if (strcmp(a->tablespaces.v[i], b->tablespaces.v[i]) != 0)
			return false;
	return true;
}

static int
lost(struct disk *d, const char *what, const char *why)
{
	free(d->fault);
	d->fault = vss_strf("%s: %s", what, why);
	d->state = DISK_LOST;
	return 0;
}

/* --- files of the data directory --- */

static char *
first_line(const char *dir, const char *name)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, name);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;

	if (vss_read_file(path, SMALL_FILE, &text, &ignored) != 0 || text.len == 0)
		return NULL;
	return vss_strndup(text.data, strcspn(text.data, "\r\n"));
}

char *
disk_version(const char *dir)
{
	char *version = first_line(dir, "PG_VERSION");

	if (version && *version && strspn(version, "0123456789.") == strlen(version))
		return version;
	free(version);
	return NULL;
}

int
disk_control(const char *data, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(data, "global/pg_control");

	return vss_read_file(path, SMALL_FILE, out, err);
}

/* Process numbers are given again: a server stands in its data directory. */
static bool
stands_in(pid_t pid, const char *data)
{
	VSS_AUTOFREE char *cwd = vss_strf("/proc/%ld/cwd", (long)pid);
	struct stat a, b;

	if (stat(cwd, &a) != 0)
		return errno == EACCES || errno == EPERM; /* not ours to look at: believe the file */
	return stat(data, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

pid_t
disk_server(const char *data, struct vss_buf *text)
{
	VSS_AUTOFREE char *path = vss_path_join(data, "postmaster.pid");
	VSS_AUTOBUF struct vss_buf own = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_buf *to = text ? text : &own;

	if (vss_read_file(path, SMALL_FILE, to, &ignored) != 0 || to->len == 0)
		return 0;
	long pid = strtol(to->data, NULL, 10); /* negative while it runs alone, for its own user */
	pid = pid < 0 ? -pid : pid;
	if (pid <= 1 || (kill((pid_t)pid, 0) != 0 && errno != EPERM) || !stands_in((pid_t)pid, data))
		return 0;
	return (pid_t)pid;
}

/* Line `n` from 0 of a text, NULL when there is none or it is empty. */
static char *
line_of(const char *text, unsigned n)
{
	for (; n > 0; n--) {
		text += strcspn(text, "\n");
		if (*text++ == '\0')
			return NULL;
	}
	size_t length = strcspn(text, "\n");
	return length > 0 ? vss_strndup(text, length) : NULL;
}

/*
 * The socket's directory may be relative to the data directory; an address that means all is no place to
 * connect to.
 */
static char *
place_to_connect(const struct disk *d, const char *socket, const char *address)
{
	static const char *const all[] = { "*", "0.0.0.0", "::" };

	if (socket)
		return strchr("/@", *socket) ? vss_strdup(socket) : vss_path_join(d->data, socket);
	for (size_t i = 0; address && i < sizeof all / sizeof *all; i++)
		if (strcmp(address, all[i]) == 0)
			return vss_strdup("localhost");
	return vss_strdup(address);
}

/* Pid, data directory, start, port, socket directory, address to listen at. */
static bool
look_for_server(struct disk *d)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	d->pid = disk_server(d->data, &text);
	if (!d->pid)
		return false;
	d->port = line_of(text.data, 3);
	VSS_AUTOFREE char *socket = line_of(text.data, 4);
	VSS_AUTOFREE char *address = line_of(text.data, 5);
	d->host = place_to_connect(d, socket, address);
	return true;
}

/* --- programs --- */

char *
disk_bindir(const char *version)
{
	static const char *const places[] = { "/usr/lib/postgresql/%s/bin", "/usr/pgsql-%s/bin" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *hole = strstr(places[i], "%s");
		VSS_AUTOFREE char *dir = vss_strf("%.*s%s%s", (int)(hole - places[i]), places[i], version, hole + 2);
		VSS_AUTOFREE char *program = vss_path_join(dir, "pg_controldata");

		if (access(program, X_OK) == 0)
			return vss_take(&dir);
	}
	return NULL;
}

static char *
bindir_of_process(pid_t pid)
{
	VSS_AUTOFREE char *exe = vss_strf("/proc/%ld/exe", (long)pid);
	VSS_AUTOFREE char *real = realpath(exe, NULL);

	return real ? vss_path_dir(real) : NULL;
}

/* Older ones warn on standard output, newer ones on standard error; all end with 0. */
int
disk_control_text(const char *bindir, const char *data, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOFREE char *program = vss_path_join(bindir, "pg_controldata");
	VSS_AUTOFREE char *said = NULL;
	VSS_AUTOCLOSE int fd = vss_unlinked_file(-1, err);
	const char *const argv[] = { program, "-D", data, NULL };
	struct stat st;

	if (fd < 0 || program_run(argv, fd, vss_now_mono() + CONTROLDATA_MS * VSS_MS, &said, err) != 0)
		return -1;
	if (fstat(fd, &st) != 0 || st.st_size > SMALL_FILE)
		return vss_fail(err, VSS_INVALID, 0, "%s: pg_controldata says too much", data);
	VSS_AUTOFREE char *text = vss_alloc((size_t)st.st_size + 1);
	if (vss_pread_all(fd, text, (size_t)st.st_size, 0, err) != 0)
		return -1;
	vss_buf_str(out, text);
	if (*said || strstr(text, "WARNING"))
		return vss_fail(err, VSS_CORRUPT, 0, "%s: global/pg_control is damaged", data);
	return 0;
}

/* The value behind `label:` in what pg_controldata says. */
static char *
control_value(const char *text, const char *label)
{
	size_t n = strlen(label);

	for (const char *p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, label, n) == 0 && p[n] == ':') {
			p += n + 1;
			p += strspn(p, " ");
			return vss_strndup(p, strcspn(p, "\n"));
		}
	return NULL;
}

/* Without the program nobody knows that it was shut down in order, so it was not. */
static void
look_at_control(struct disk *d)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err why = VSS_ERR_INIT;

	d->state = DISK_CRASHED;
	if (!d->bindir || disk_control_text(d->bindir, d->data, &text, &why) != 0)
		return;
	VSS_AUTOFREE char *state = control_value(text.data, "Database cluster state");
	if (vss_str_eq(state, "shut down") || vss_str_eq(state, "shut down in recovery"))
		d->state = DISK_CLEAN;
	d->system_identifier = control_value(text.data, "Database system identifier");
	d->timeline = control_value(text.data, "Latest checkpoint's TimeLineID");
	d->checkpoint = control_value(text.data, "Latest checkpoint location");
}

/* --- directories --- */

/* The directories of this version in the directory of a tablespace: another version's may stand beside them. */
static int
add_tablespace(struct disk *d, const char *location)
{
	VSS_AUTOFREE char *prefix = vss_strf("PG_%s_", d->version);
	VSS_AUTOFREE char *real = realpath(location, NULL);
	DIR *dir = real ? opendir(real) : NULL;
	bool any = false;

	if (!dir)
		return lost(d, location, strerror(errno));
	for (const struct dirent *e; (e = readdir(dir));)
		if (vss_str_starts(e->d_name, prefix)) {
			vss_strv_take(&d->tablespaces, vss_path_join(real, e->d_name));
			any = true;
		}
	closedir(dir);
	return any ? 0 : lost(d, location, "holds nothing of this cluster");
}

/* They are reached through links; a tablespace that lies in the data directory has none. */
static int
find_tablespaces(struct disk *d, struct vss_err *err)
{
	VSS_AUTOFREE char *links = vss_path_join(d->data, "pg_tblspc");
	DIR *dir = opendir(links);

	if (!dir)
		return lost(d, links, strerror(errno));
	int r = 0;
	for (const struct dirent *e; r == 0 && (e = readdir(dir));) {
		VSS_AUTOFREE char *path = vss_path_join(links, e->d_name);
		struct stat st;

		if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
			r = add_tablespace(d, path);
	}
	closedir(dir);
	vss_strv_sort(&d->tablespaces);
	for (size_t i = 0; r == 0 && i < d->tablespaces.n; i++)
		if (strpbrk(d->tablespaces.v[i], "*?\\"))
			r = vss_fail(err, VSS_INVALID, 0, "%s: *, ? or a backslash in the path", d->tablespaces.v[i]);
	return r;
}

/* A server makes them its own when it is told to use them: one that is another user's is not to be touched. */
static int
check_owner(const struct disk *d, const char *dir, struct vss_err *err)
{
	struct stat st;

	if (stat(dir, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	if (st.st_uid != d->uid)
		return vss_fail(err, VSS_DENIED, 0, "%s: does not belong to the owner of %s", dir, d->data);
	return 0;
}

static int
check_owners(const struct disk *d, struct vss_err *err)
{
	int r = check_owner(d, d->wal, err);

	for (size_t i = 0; r == 0 && i < d->tablespaces.n; i++)
		r = check_owner(d, d->tablespaces.v[i], err);
	return r;
}

static int
look_at_directories(struct disk *d, struct vss_err *err)
{
	VSS_AUTOFREE char *wal = vss_path_join(d->data, "pg_wal");

	d->wal = realpath(wal, NULL);
	if (!d->wal)
		lost(d, wal, strerror(errno));
	if (find_tablespaces(d, err) != 0)
		return -1;
	return d->fault || !d->wal ? 0 : check_owners(d, err);
}

int
disk_look(const char *data, const char *bindir, struct disk *out, struct vss_err *err)
{
	struct stat st;

	*out = (struct disk)DISK_INIT;
	if (access(data, R_OK | X_OK) != 0 && errno == EACCES)
		return vss_fail(err, VSS_DENIED, 0, "%s: not allowed to look at it", data);
	out->data = realpath(data, NULL);
	if (!out->data) {
		out->data = vss_strdup(data);
		return lost(out, data, strerror(errno));
	}
	out->version = disk_version(out->data);
	if (!out->version || stat(out->data, &st) != 0)
		return lost(out, data, "holds no cluster");
	out->uid = st.st_uid;
	out->gid = st.st_gid;
	out->file_mode = st.st_mode & S_IRGRP ? 0640 : 0600;
	if (look_at_directories(out, err) != 0)
		return -1;
	bool running = look_for_server(out);
	out->bindir = bindir ? vss_strdup(bindir) : running ? bindir_of_process(out->pid) : disk_bindir(out->version);
	if (out->fault)
		return 0;
	if (running)
		out->state = DISK_RUNNING;
	else
		look_at_control(out);
	return 0;
}
