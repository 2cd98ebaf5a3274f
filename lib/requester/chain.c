/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chain_internal.h"

#include "base/mem.h"
#include "os/durable.h"
#include "os/interrupt.h"
#include "requester/documents.h"
#include "requester/requester.h"

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

int
vss_image_open(struct vss_image *out, const char *path, int fd, struct vss_err *err)
{
	*out = (struct vss_image){ .path = vss_strdup(path), .fd = fd };
	out->reader = vss_archive_open(fd, err);
	if (out->reader)
		return 0;
	vss_wrap(err, "%s", strcmp(path, "-") == 0 ? "archive" : path);
	vss_image_close(out);
	return -1;
}

void
vss_image_close(struct vss_image *i)
{
	vss_archive_reader_free(i->reader);
	vss_bcd_free(i->bcd);
	close(i->fd);
	free(i->path);
	*i = (struct vss_image){ .fd = -1 };
}

int
vss_image_describe(struct vss_image *i, struct vss_err *err)
{
	if (!i->bcd)
		i->bcd = vss_read_bcd(i->reader, err);
	return i->bcd ? 0 : vss_wrap(err, "%s", i->path);
}

static int
add_image(struct vss_chain *c, const char *path, bool seeks, const char *spool, struct vss_err *err)
{
	struct vss_image image;
	int fd = open_archive(path, seeks, spool, err);

	if (fd < 0 || vss_image_open(&image, path, fd, err) < 0)
		return -1;
	VSS_PUSH(c->v, c->n, c->cap) = image;
	return 0;
}

static int
note_document(void *ctx, const char *name, struct vss_err *err)
{
	bool *found = ctx;

	(void)err;
	*found = *found || strcmp(name, VSS_DOC_BUILDS_ON) == 0;
	return 0;
}

/* Told by the names of its documents, which cost no frame. */
static int
builds_on_others(struct vss_archive_reader *r, bool *out, struct vss_err *err)
{
	*out = false;
	return vss_archive_documents(r, note_document, out, err);
}

static int
complete_single(struct vss_chain *c, struct vss_err *err)
{
	struct vss_image *only = &c->v[0];
	bool builds;

	if (builds_on_others(only->reader, &builds, err) < 0)
		return vss_wrap(err, "%s", only->path);
	if (!builds)
		return 0;
	if (strcmp(only->path, "-") == 0)
		return vss_fail(err, VSS_USAGE, 0,
			"standard input is an increment: name it as a file, where what it builds on can be found");
	if (vss_image_describe(only, err) < 0)
		return -1;
	return vss_chain_find(c, err);
}

static int
check_named(const struct vss_strv *archives, struct vss_err *err)
{
	for (size_t i = 0; archives->n > 1 && i < archives->n; i++)
		if (strcmp(archives->v[i], "-") == 0)
			return vss_fail(
				err, VSS_USAGE, 0, "standard input may only be a single archive that stands by itself");
	return 0;
}

/* What the last archive describes is needed from now on, whatever is restored. */
static int
settle(struct vss_chain *c, struct vss_err *err)
{
	struct vss_image *last = &c->v[c->n - 1];

	for (size_t i = 0; i < c->n; i++)
		if (vss_image_describe(&c->v[i], err) < 0)
			return -1;
	if (vss_chain_order(c, err) < 0)
		return -1;
	c->tree = vss_archive_tree_new(last->reader, -1, err);
	return c->tree ? vss_chain_check_whole(c, err) : vss_wrap(err, "%s", last->path);
}

int
vss_chain_open(struct vss_chain *c, const struct vss_strv *archives, bool seeks, const char *spool, struct vss_err *err)
{
	if (check_named(archives, err) < 0)
		return -1;
	for (size_t i = 0; i < archives->n; i++)
		if (add_image(c, archives->v[i], seeks || archives->n > 1, spool, err) < 0)
			return -1;
	if (c->n == 1 && complete_single(c, err) < 0)
		return -1;
	return c->n > 1 ? settle(c, err) : 0;
}

void
vss_chain_close(struct vss_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		vss_image_close(&c->v[i]);
	free(c->v);
	vss_archive_tree_free(c->tree);
	free(c->last.path);
	vss_strv_free(&c->spoiled);
	memset(c, 0, sizeof *c);
}

static int
check_place(const struct vss_chain *c, const struct vss_archive_node *node, struct vss_err *err)
{
	if (!node->elsewhere || node->in < c->n - 1)
		return 0;
	return vss_fail(err, VSS_CORRUPT, 0, "%s: a file is said to be in archive %u of a chain of %zu",
		c->v[c->n - 1].path, node->in, c->n);
}

/* What the last archive says of it; NULL: nothing. */
static const struct vss_archive_node *
look_up(struct vss_chain *c, const char *path)
{
	struct vss_chain_answer *a = &c->last;
	struct vss_err why = VSS_ERR_INIT;

	if (a->path && strcmp(a->path, path) == 0)
		return a->found ? &a->node : NULL;
	free(a->path);
	a->path = vss_strdup(path);
	int found = vss_archive_tree_find(c->tree, path, &a->node, &why);
	a->found = found == 1 && check_place(c, &a->node, &why) == 0;
	if (why.code != VSS_OK && c->trouble.code == VSS_OK)
		c->trouble = why;
	return a->found ? &a->node : NULL;
}

bool
vss_chain_has(struct vss_chain *c, size_t i, const char *path)
{
	if (!c->tree)
		return true;
	const struct vss_archive_node *node = look_up(c, path);
	if (!node || !node->elsewhere)
		return node && i == c->n - 1;
	return node->partial ? i >= node->in : i == node->in;
}

static const struct vss_archive_node *
partial_of(struct vss_chain *c, const char *path)
{
	const struct vss_archive_node *node = c && c->tree ? look_up(c, path) : NULL;

	return node && node->partial ? node : NULL;
}

bool
vss_chain_goes_over(struct vss_chain *c, size_t i, const char *path)
{
	const struct vss_archive_node *node = partial_of(c, path);

	return node && node->elsewhere && node->in < i;
}

void
vss_chain_spoil(struct vss_chain *c, const char *path)
{
	if (partial_of(c, path) && !vss_chain_is_spoiled(c, path))
		vss_strv_add(&c->spoiled, path);
}

bool
vss_chain_is_spoiled(const struct vss_chain *c, const char *path)
{
	return vss_strv_has(&c->spoiled, path);
}

bool
vss_is_archive(const char *path)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd }; /* of a zstd frame */
	unsigned char begin[sizeof magic];
	struct vss_err why = VSS_ERR_INIT;
	struct stat st;

	if (strcmp(path, "-") == 0)
		return true;
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || pread(fd, begin, sizeof begin, 0) != sizeof begin ||
		memcmp(begin, magic, sizeof magic) != 0)
		return false;
	struct vss_archive_reader *r = vss_archive_open(fd, &why);
	vss_archive_reader_free(r);
	return r || why.code != VSS_INVALID; /* a damaged one is one: whoever opens it says what is wrong */
}
