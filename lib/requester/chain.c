/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chain.h"

#include "base/mem.h"
#include "os/durable.h"
#include "os/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Standard input that cannot seek. */
static bool
is_pipe(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 && !(fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode));
}

static int
check_pipe(bool seeks, const char *spool, struct vss_err *err)
{
	if (isatty(STDIN_FILENO))
		return vss_fail(err, VSS_USAGE, 0, "standard input is a terminal");
	if (!spool && seeks)
		return vss_fail(err, VSS_USAGE, 0,
			"from a pipe this needs the whole archive first: name a directory for it with --spool");
	return 0;
}

/* The pipe into a file without a name: what needs the end of the archive first can then seek. */
static int
spool_input(const char *dir, struct vss_err *err)
{
	VSS_AUTOFREE char *buffer = vss_alloc(1u << 20);
	VSS_AUTOCLOSE int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int fd = dirfd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "open") : vss_unlinked_file(dirfd, err);
	ssize_t n;

	if (fd < 0)
		return vss_wrap(err, "%s", dir);
	while ((n = read(STDIN_FILENO, buffer, 1u << 20)) != 0) {
		if (n < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "standard input");
		if (vss_check_interrupt(err) < 0 || (n > 0 && vss_write_all(fd, buffer, (size_t)n, err) < 0))
			return vss_wrap(err, "%s: spool", dir);
	}
	return vss_take_fd(&fd);
}

static int
open_archive(const char *path, bool seeks, const char *spool, struct vss_err *err)
{
	if (is_pipe(path) && check_pipe(seeks, spool, err) < 0)
		return -1;
	if (is_pipe(path) && spool)
		return spool_input(spool, err);
	if (strcmp(path, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return fd;
}

static int
add_image(struct vss_chain *c, const char *path, bool seeks, const char *spool, struct vss_err *err)
{
	int fd = open_archive(path, seeks, spool, err);

	if (fd < 0)
		return -1;
	struct vss_image *i = &VSS_PUSH(c->v, c->n, c->cap);
	*i = (struct vss_image){ .path = vss_strdup(path), .fd = fd };
	i->reader = vss_archive_open(fd, err);
	return i->reader ? 0 : vss_wrap(err, "%s", strcmp(path, "-") == 0 ? "archive" : path);
}

int
vss_chain_open(struct vss_chain *c, const struct vss_strv *archives, bool seeks, const char *spool, struct vss_err *err)
{
	for (size_t i = 0; i < archives->n; i++)
		if (add_image(c, archives->v[i], seeks, spool, err) < 0)
			return -1;
	return 0;
}

void
vss_chain_close(struct vss_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		vss_archive_reader_free(c->v[i].reader);
		vss_bcd_free(c->v[i].bcd);
		close(c->v[i].fd);
		free(c->v[i].path);
	}
	free(c->v);
	memset(c, 0, sizeof *c);
}

int
vss_chain_has(struct vss_chain *c, size_t i, const char *path, struct vss_err *err)
{
	(void)path;
	(void)err;
	return c->n == 1 && i == 0;
}
