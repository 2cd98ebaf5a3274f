/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/links.h"

#include "base/buf.h"
#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS_FIRST 1024u
#define SLOTS_IN_MEMORY (1u << 16)
#define PATHS_IN_MEMORY (1u << 20)
#define SLOTS_AT_ONCE 4096u

struct slot {
	uint64_t dev, ino; /* ino 0: empty */
	uint64_t at;	   /* of its path: a 32-bit length and the bytes */
};
/* A hash table; beyond SLOTS_IN_MEMORY it lies in a file, and the kernel keeps of it what is used. */
struct table {
	struct slot *slots; /* or NULL: then in `fd` */
	int fd;
	uint64_t n, size; /* size is a power of two */
};
struct vss_links {
	int dirfd;
	struct table table;
	struct vss_buf paths; /* the last ones; those before them are in `spool` */
	uint64_t spooled;
	int spool;
};

static int
failed(struct vss_err *err)
{
	return vss_wrap(err, "spool of hard links");
}

/* --- the table --- */

static int
read_slots(const struct table *t, uint64_t at, struct slot *to, size_t n, struct vss_err *err)
{
	if (!t->slots)
		return vss_pread_all(t->fd, to, n * sizeof *to, (off_t)(at * sizeof *to), err) < 0 ? failed(err) : 0;
	memcpy(to, t->slots + at, n * sizeof *to);
	return 0;
}

static int
write_slot(struct table *t, uint64_t at, const struct slot *s, struct vss_err *err)
{
	if (t->slots) {
		t->slots[at] = *s;
		return 0;
	}
	ssize_t n = pwrite(t->fd, s, sizeof *s, (off_t)(at * sizeof *s));
	if (n == (ssize_t)sizeof *s)
		return 0;
	vss_fail(err, VSS_SYSTEM, n < 0 ? errno : ENOSPC, "write");
	return failed(err);
}

static int
table_make(struct table *t, uint64_t size, int dirfd, struct vss_err *err)
{
	*t = (struct table){ .fd = -1, .size = size };
	if (size <= SLOTS_IN_MEMORY) {
		t->slots = vss_alloc(size * sizeof *t->slots);
		return 0;
	}
	t->fd = vss_unlinked_file(dirfd, err);
	if (t->fd >= 0 && ftruncate(t->fd, (off_t)(size * sizeof *t->slots)) == 0)
		return 0;
	if (t->fd >= 0) {
		vss_fail(err, VSS_SYSTEM, errno, "set its size");
		close(t->fd);
	}
	return failed(err);
}

static void
table_drop(struct table *t)
{
	free(t->slots);
	if (t->fd >= 0)
		close(t->fd);
}

/* The slot of this file, or the empty one that it would get: *at and *s. */
static int
find(const struct table *t, dev_t dev, ino_t ino, uint64_t *at, struct slot *s, struct vss_err *err)
{
	uint64_t h = ((uint64_t)ino * 0x9E3779B97F4A7C15u) ^ ((uint64_t)dev * 0xC2B2AE3D27D4EB4Fu);

	for (*at = (h ^ h >> 32) & (t->size - 1);; *at = (*at + 1) & (t->size - 1)) {
		if (read_slots(t, *at, s, 1, err) < 0)
			return -1;
		if (!s->ino || (s->ino == ino && s->dev == dev))
			return 0;
	}
}

static int
move_slots(const struct table *from, struct table *to, struct vss_err *err)
{
	VSS_AUTOFREE struct slot *some = vss_alloc(SLOTS_AT_ONCE * sizeof *some);
	struct slot empty;
	uint64_t at;

	for (uint64_t i = 0; i < from->size; i += SLOTS_AT_ONCE) {
		size_t n = from->size - i < SLOTS_AT_ONCE ? (size_t)(from->size - i) : SLOTS_AT_ONCE;
		if (read_slots(from, i, some, n, err) < 0)
			return -1;
		for (size_t k = 0; k < n; k++)
			if (some[k].ino && (find(to, (dev_t)some[k].dev, (ino_t)some[k].ino, &at, &empty, err) < 0 ||
						   write_slot(to, at, &some[k], err) < 0))
				return -1;
	}
	to->n = from->n;
	return 0;
}

static int
grow(struct vss_links *l, struct vss_err *err)
{
	struct table bigger;

	if (table_make(&bigger, l->table.size * 2, l->dirfd, err) < 0)
		return -1;
	if (move_slots(&l->table, &bigger, err) < 0) {
		table_drop(&bigger);
		return -1;
	}
	table_drop(&l->table);
	l->table = bigger;
	return 0;
}

/* --- the paths --- */

static int
spool_paths(struct vss_links *l, struct vss_err *err)
{
	if (l->spool < 0)
		l->spool = vss_unlinked_file(l->dirfd, err);
	if (l->spool < 0 || vss_write_all(l->spool, l->paths.data, l->paths.len, err) < 0)
		return failed(err);
	l->spooled += l->paths.len;
	vss_buf_reset(&l->paths);
	return 0;
}

static int
add_path(struct vss_links *l, const char *path, uint64_t *at, struct vss_err *err)
{
	uint32_t n = (uint32_t)strlen(path);

	if (l->paths.len + sizeof n + n > PATHS_IN_MEMORY && spool_paths(l, err) < 0)
		return -1;
	*at = l->spooled + l->paths.len;
	vss_buf_add(&l->paths, &n, sizeof n);
	vss_buf_add(&l->paths, path, n);
	return 0;
}

static int
read_paths(const struct vss_links *l, uint64_t at, void *to, size_t n, struct vss_err *err)
{
	if (at < l->spooled)
		return vss_pread_all(l->spool, to, n, (off_t)at, err) < 0 ? failed(err) : 0;
	memcpy(to, l->paths.data + (at - l->spooled), n);
	return 0;
}

/* --- both --- */

struct vss_links *
vss_links_new(int dirfd)
{
	struct vss_links *l = vss_alloc(sizeof *l);
	struct vss_err none;

	*l = (struct vss_links){ .dirfd = dirfd, .paths = VSS_BUF_INIT, .spool = -1 };
	(void)table_make(&l->table, SLOTS_FIRST, dirfd, &none); /* in memory: it cannot fail */
	return l;
}

void
vss_links_free(struct vss_links *l)
{
	if (!l)
		return;
	table_drop(&l->table);
	vss_buf_free(&l->paths);
	if (l->spool >= 0)
		close(l->spool);
	free(l);
}

int
vss_links_add(struct vss_links *l, dev_t dev, ino_t ino, const char *path, struct vss_err *err)
{
	struct slot s;
	uint64_t at;

	if (l->table.n >= l->table.size / 4 * 3 && grow(l, err) < 0)
		return -1;
	if (find(&l->table, dev, ino, &at, &s, err) < 0)
		return -1;
	if (s.ino)
		return 0;
	s = (struct slot){ .dev = dev, .ino = ino };
	if ((path && add_path(l, path, &s.at, err) < 0) || write_slot(&l->table, at, &s, err) < 0)
		return -1;
	l->table.n++;
	return 0;
}

int
vss_links_has(const struct vss_links *l, dev_t dev, ino_t ino, struct vss_err *err)
{
	struct slot s;
	uint64_t at;

	return find(&l->table, dev, ino, &at, &s, err) < 0 ? -1 : s.ino != 0;
}

int
vss_links_path(const struct vss_links *l, dev_t dev, ino_t ino, char **path, struct vss_err *err)
{
	struct slot s;
	uint64_t at;
	uint32_t n;

	if (find(&l->table, dev, ino, &at, &s, err) < 0)
		return -1;
	if (!s.ino)
		return 0;
	if (read_paths(l, s.at, &n, sizeof n, err) < 0)
		return -1;
	VSS_AUTOFREE char *p = vss_alloc((size_t)n + 1);
	if (read_paths(l, s.at + sizeof n, p, n, err) < 0)
		return -1;
	*path = vss_take(&p);
	return 1;
}
