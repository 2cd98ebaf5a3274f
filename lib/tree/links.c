/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/links.h"

#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct slot {
	uint64_t dev, ino; /* ino 0: empty */
	uint64_t at;	   /* in the spool: a 32-bit length and the path */
};
struct vss_links {
	struct slot *slots;
	size_t n, size; /* size is a power of two */
	int spool;
	uint64_t end;
};

struct vss_links *
vss_links_new(int spool_dirfd, struct vss_err *err)
{
	struct vss_links *l = vss_alloc(sizeof *l);

	l->size = 1024;
	l->slots = vss_alloc(l->size * sizeof *l->slots);
	l->spool = -1;
	if (spool_dirfd == -1)
		return l;
	if (spool_dirfd >= 0)
		l->spool = openat(spool_dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (l->spool < 0) /* a file system without O_TMPFILE */
		l->spool = memfd_create("vss-links", MFD_CLOEXEC);
	if (l->spool < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "spool of hard links");
		vss_links_free(l);
		return NULL;
	}
	return l;
}

void
vss_links_free(struct vss_links *l)
{
	if (!l)
		return;
	if (l->spool >= 0)
		close(l->spool);
	free(l->slots);
	free(l);
}

static struct slot *
slot_of(const struct vss_links *l, dev_t dev, ino_t ino)
{
	uint64_t h = ((uint64_t)ino * 0x9E3779B97F4A7C15u) ^ ((uint64_t)dev * 0xC2B2AE3D27D4EB4Fu);

	for (size_t i = (h ^ h >> 32) & (l->size - 1);; i = (i + 1) & (l->size - 1)) {
		struct slot *s = &l->slots[i];
		if (!s->ino || (s->ino == ino && s->dev == dev))
			return s;
	}
}

static void
grow(struct vss_links *l)
{
	struct vss_links bigger = { vss_alloc(l->size * 2 * sizeof *l->slots), l->n, l->size * 2, l->spool, l->end };

	for (size_t i = 0; i < l->size; i++)
		if (l->slots[i].ino)
			*slot_of(&bigger, l->slots[i].dev, l->slots[i].ino) = l->slots[i];
	free(l->slots);
	*l = bigger;
}

int
vss_links_add(struct vss_links *l, dev_t dev, ino_t ino, const char *path, struct vss_err *err)
{
	if (l->n >= l->size / 4 * 3)
		grow(l);
	struct slot *s = slot_of(l, dev, ino);
	if (s->ino)
		return 0;
	if (path) {
		uint32_t n = (uint32_t)strlen(path);
		if (lseek(l->spool, (off_t)l->end, SEEK_SET) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "spool of hard links");
		if (vss_write_all(l->spool, &n, sizeof n, err) < 0 || vss_write_all(l->spool, path, n, err) < 0)
			return vss_wrap(err, "spool of hard links");
		s->at = l->end;
		l->end += sizeof n + n;
	}
	s->dev = dev;
	s->ino = ino;
	l->n++;
	return 0;
}

bool
vss_links_has(const struct vss_links *l, dev_t dev, ino_t ino)
{
	return slot_of(l, dev, ino)->ino != 0;
}

int
vss_links_path(const struct vss_links *l, dev_t dev, ino_t ino, char **path, struct vss_err *err)
{
	const struct slot *s = slot_of(l, dev, ino);
	uint32_t n;

	if (!s->ino)
		return 0;
	if (vss_pread_all(l->spool, &n, sizeof n, (off_t)s->at, err) < 0)
		return -1;
	VSS_AUTOFREE char *p = vss_alloc((size_t)n + 1);
	if (vss_pread_all(l->spool, p, n, (off_t)(s->at + sizeof n), err) < 0)
		return -1;
	*path = vss_take(&p);
	return 1;
}
