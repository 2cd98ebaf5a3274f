/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/users.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/durable.h"
#include "os/volume.h"
#include "os/volume_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NAMED 5

struct search {
	dev_t dev;
	const char *below;
};

static bool
is_below(const struct search *s, int dirfd, const char *link)
{
	char to[PATH_MAX];
	ssize_t n = s->below ? readlinkat(dirfd, link, to, sizeof to - 1) : 0;

	if (!s->below)
		return true;
	if (n <= 0)
		return false;
	to[n] = '\0';
	return vss_path_is_below(to, s->below);
}

/* What the link in /proc leads to, without asking a server that may be away. */
static bool
leads_there(const struct search *s, int dirfd, const char *link)
{
	struct statx sx;

	if (statx(dirfd, link, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &sx) < 0)
		return false;
	return makedev(sx.stx_dev_major, sx.stx_dev_minor) == s->dev && is_below(s, dirfd, link);
}

static bool
any_leads_there(const struct search *s, int procfd, const char *dir)
{
	VSS_AUTOCLOSE int fd = openat(procfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	bool found = false;

	if (!d)
		return false;
	vss_take_fd(&fd);
	for (struct dirent *e; !found && (e = readdir(d));)
		found = *e->d_name != '.' && leads_there(s, dirfd(d), e->d_name);
	closedir(d);
	return found;
}

static bool
runs_from(const struct search *s, int procfd)
{
	return leads_there(s, procfd, "exe") || any_leads_there(s, procfd, "map_files");
}

static char *
command_of(int procfd)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err gone = VSS_ERR_INIT;

	if (vss_read_file_at(procfd, "comm", 256, &text, &gone) < 0 || text.len < 2)
		return vss_strdup("?");
	return vss_strndup(text.data, strcspn(text.data, "\n"));
}

static void
look_at(const struct search *s, int procfd, pid_t pid, struct vss_users *out)
{
	bool self = pid == getpid(), runs = runs_from(s, procfd);

	if (self)
		out->self_runs = runs;
	if (runs || leads_there(s, procfd, "cwd") || leads_there(s, procfd, "root") ||
		(!self && any_leads_there(s, procfd, "fd")))
		VSS_PUSH(out->v, out->n, out->cap) = (struct vss_user){ pid, command_of(procfd) };
}

/* Each process to `each`, until that says true. */
static int
for_all(bool (*each)(void *ctx, int procfd, pid_t pid), void *ctx, struct vss_err *err)
{
	DIR *d = opendir("/proc");
	bool enough = false;

	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "/proc");
	for (struct dirent *e; !enough && (e = readdir(d));) {
		char *end;
		long pid = strtol(e->d_name, &end, 10);
		if (pid <= 0 || *end)
			continue;
		VSS_AUTOCLOSE int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		enough = fd >= 0 && each(ctx, fd, (pid_t)pid);
	}
	closedir(d);
	return 0;
}

struct finding {
	struct search what;
	struct vss_users *out;
};

static bool
find_user(void *ctx, int procfd, pid_t pid)
{
	struct finding *f = ctx;

	look_at(&f->what, procfd, pid, f->out);
	return false;
}

int
vss_users_of(dev_t dev, const char *below, struct vss_users *out, struct vss_err *err)
{
	struct finding f = { { dev, below }, out };

	*out = (struct vss_users){ 0 };
	return for_all(find_user, &f, err);
}

void
vss_users_free(struct vss_users *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->v[i].command);
	free(u->v);
	*u = (struct vss_users){ 0 };
}

char *
vss_users_text(const struct vss_users *u)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = 0; i < u->n && i < NAMED; i++)
		vss_buf_fmt(&text, "%s%s (%d)", i ? ", " : "", u->v[i].command, (int)u->v[i].pid);
	if (u->n > NAMED)
		vss_buf_fmt(&text, " and %zu more", u->n - NAMED);
	return vss_buf_take(&text);
}

/* --- Mounts in other namespaces --- */

struct hunt {
	dev_t dev;
	const char *root;
	ino_t seen; /* the namespace that was looked at last: neighbours mostly share one */
	pid_t found;
};

static bool
find_mount(void *ctx, int procfd, pid_t pid)
{
	struct hunt *h = ctx;
	struct vss_mount_list list;
	struct vss_err gone = VSS_ERR_INIT;
	struct stat ns;

	if (fstatat(procfd, "ns/mnt", &ns, 0) < 0 || ns.st_ino == h->seen)
		return false;
	h->seen = ns.st_ino;
	VSS_AUTOFREE char *file = vss_strf("/proc/%d/mountinfo", (int)pid);
	if (vss_mounts_read(file, &list, &gone) < 0)
		return false;
	for (size_t i = 0; i < list.n && !h->found; i++)
		if (list.v[i].dev == h->dev && strcmp(list.v[i].root, h->root) == 0)
			h->found = pid;
	vss_mount_list_free(&list);
	return h->found != 0;
}

pid_t
vss_mounted_by(dev_t dev, const char *root)
{
	struct hunt h = { .dev = dev, .root = root };
	struct vss_err ignored = VSS_ERR_INIT;

	(void)for_all(find_mount, &h, &ignored);
	return h.found;
}
