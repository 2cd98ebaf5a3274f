/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define LIMIT (1 << 20) /* of a file in /proc or of a cgroup */

/* --- who must go on --- */

static char *
comm_of(pid_t pid)
{
	VSS_AUTOFREE char *path = vss_strf("/proc/%d/comm", pid);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	if (vss_read_file(path, 256, &text, &ignored) < 0)
		return vss_strdup("");
	return vss_strndup(text.data, strcspn(text.data, "\n"));
}

static pid_t
parent_of(pid_t pid)
{
	VSS_AUTOFREE char *path = vss_strf("/proc/%d/stat", pid);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	int parent;
	if (vss_read_file(path, 4096, &text, &ignored) < 0)
		return 0;
	const char *end = strrchr(text.data, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* We, whoever started us and waits for us, and all on our terminal. */
static bool
is_ours(pid_t pid)
{
	if (getsid(pid) == getsid(0))
		return true;
	for (pid_t p = getpid(); p > 0; p = parent_of(p))
		if (p == pid)
			return true;
	return false;
}

/* Disks and what is mounted need them: udev, device-mapper, paths to arrays, iSCSI. */
static bool
serves_disks(const char *comm)
{
	static const char *const names[] = { "systemd-udevd", "(udev-worker)", "udevd", "eudev", "mdev", "dmeventd",
		"multipathd", "iscsid", "mdadm", "mdmon" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(comm, names[i]) == 0)
			return true;
	return false;
}

static bool
serves_fuse(pid_t pid)
{
	VSS_AUTOFREE char *path = vss_strf("/proc/%d/fd", pid);
	DIR *d = opendir(path);
	bool found = false;
	if (!d)
		return false;
	for (const struct dirent *e; !found && (e = readdir(d));) {
		char target[32];
		ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
		target[n < 0 ? 0 : n] = '\0';
		found = strcmp(target, "/dev/fuse") == 0;
	}
	closedir(d);
	return found;
}

/* Why this process must not stand still; NULL: it may. */
static const char *
reason_for(pid_t pid, const char *comm)
{
	if (pid == 1)
		return "init";
	if (is_ours(pid))
		return "one of this session";
	if (serves_disks(comm))
		return "disks need it";
	return serves_fuse(pid) ? "a FUSE server" : NULL;
}

static int
check_processes(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *file = vss_path_join(path, "cgroup.procs");
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	if (vss_read_file(file, LIMIT, &text, err) < 0)
		return -1;
	for (char *line = strtok(text.data ? text.data : "", "\n"); line; line = strtok(NULL, "\n")) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);
		VSS_AUTOFREE char *comm = comm_of(pid);
		const char *why = reason_for(pid, comm);
		if (why)
			return vss_fail(err, VSS_INVALID, 0, "%s: must not be frozen: process %d (%s): %s", path, pid,
				comm, why);
	}
	return 0;
}

/* The processes of this cgroup and of all below it: they stand still with it. */
static int
check_tree(const char *path, struct vss_err *err)
{
	if (strcmp(vss_path_base(path), "init.scope") == 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: must not be frozen: init", path);
	if (check_processes(path, err) < 0)
		return -1;
	DIR *d = opendir(path);
	int r = d ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	for (const struct dirent *e; r == 0 && (e = readdir(d));) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		VSS_AUTOFREE char *below = vss_path_join(path, e->d_name);
		r = check_tree(below, err);
	}
	if (d)
		closedir(d);
	return r;
}

/* --- opening --- */

static int
check_version(const char *path, struct vss_err *err)
{
	struct statfs fs;
	if (statfs(path, &fs) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (fs.f_type == CGROUP2_SUPER_MAGIC)
		return 0;
	if (fs.f_type == CGROUP_SUPER_MAGIC)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: of cgroup v1, whose freezer cannot be relied on", path);
	return vss_fail(err, VSS_INVALID, 0, "%s: not a cgroup", path);
}

static int
open_in(const char *dir, const char *name, int flags, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, name);
	int fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : fd;
}

int
vss_freeze_open_cgroup(const char *path, struct vss_hold_cgroup *out, struct vss_err *err)
{
	VSS_AUTOFREE char *real = realpath(path, NULL);
	if (!real)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (check_version(real, err) < 0)
		return -1;
	VSS_AUTOCLOSE int freeze = open_in(real, "cgroup.freeze", O_RDWR, err);
	if (freeze < 0 && err->code == VSS_ABSENT)
		return vss_fail(err, VSS_INVALID, 0, "%s: the whole tree cannot be frozen", path);
	VSS_AUTOCLOSE int events = freeze < 0 ? -1 : open_in(real, "cgroup.events", O_RDONLY, err);
	if (events < 0 || check_tree(real, err) < 0)
		return -1;
	char before;
	if (pread(freeze, &before, 1, 0) != 1 || (before != '0' && before != '1'))
		return vss_fail(err, VSS_SYSTEM, errno, "%s/cgroup.freeze", real);
	out->before = before;
	out->freeze = vss_take_fd(&freeze);
	out->events = vss_take_fd(&events);
	return 0;
}

/* --- where processes live --- */

/* Its cgroup v2 path within the tree, from /proc/PID/cgroup ("0::/a/b"); the caller frees it. */
static char *
cgroup_of(pid_t pid, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("/proc/%d/cgroup", pid);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	if (vss_read_file(path, LIMIT, &text, err) < 0)
		return NULL;
	vss_buf_ch(&text, '\0');
	const char *line = vss_str_starts(text.data, "0::") ? text.data : strstr(text.data, "\n0::");
	line = line ? strchr(line, '/') : "/";
	return vss_strndup(line, strcspn(line, "\n"));
}

static const struct vss_mount *
find_tree(const struct vss_mount_list *mounts, const char *fstype, const char *option)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (strcmp(mounts->v[i].fstype, fstype) == 0 && strstr(mounts->v[i].options, option))
			return &mounts->v[i];
	return NULL;
}

static int
in_cgroups(const struct vss_mount *tree, char *const *paths, size_t n, const char *of)
{
	const char *inner = tree ? vss_path_below(of, tree->root) : NULL;
	VSS_AUTOFREE char *whole = inner ? vss_path_join(tree->target, inner) : NULL;
	for (size_t i = 0; whole && i < n; i++) {
		VSS_AUTOFREE char *real = realpath(paths[i], NULL);
		if (real && vss_path_is_below(whole, real))
			return 1;
	}
	return 0;
}

int
vss_freeze_in_cgroups(char *const *paths, size_t n, pid_t pid, struct vss_err *err)
{
	struct vss_mount_list mounts;
	if (n == 0)
		return 0;
	VSS_AUTOFREE char *of = cgroup_of(pid, err);
	if (!of || vss_mounts(&mounts, err) < 0)
		return -1;
	int r = in_cgroups(find_tree(&mounts, "cgroup2", ""), paths, n, of);
	vss_mount_list_free(&mounts);
	return r;
}

static int
open_top(const struct vss_mount *tree)
{
	VSS_AUTOFREE char *path = tree ? vss_path_join(tree->target, "cgroup.procs") : NULL;
	return path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
}

void
vss_freeze_open_tops(int *v2, int *v1)
{
	struct vss_mount_list mounts;
	struct vss_err ignored = VSS_ERR_INIT;
	*v2 = *v1 = -1;
	if (vss_mounts(&mounts, &ignored) < 0)
		return;
	*v2 = open_top(find_tree(&mounts, "cgroup2", ""));
	*v1 = open_top(find_tree(&mounts, "cgroup", "freezer"));
	vss_mount_list_free(&mounts);
}
