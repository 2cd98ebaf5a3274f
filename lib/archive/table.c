/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/table_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOT 8u		   /* LE32 tag (part of the key), LE32 number of the record and 1; 0: empty */
#define LINE 64u	   /* slots that are read at once */
#define TAIL (64u << 10)   /* records that are not in their file yet */
#define RECORDS UINT32_MAX /* at most: the number of a record has 32 bits */

struct vss_table {
	int dirfd, records, slots;
	size_t record;
	uint64_t count, flushed; /* records put, and those in the file */
	uint64_t nslots;
	unsigned char *tail;
	unsigned char line[LINE * SLOT];
};

static int
new_file(int dirfd, uint64_t bytes, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = vss_unlinked_file(dirfd, err);

	if (fd >= 0 && bytes && ftruncate(fd, (off_t)bytes))
		return vss_fail(err, VSS_SYSTEM, errno, "table");
	return fd < 0 ? -1 : vss_take_fd(&fd);
}

struct vss_table *
vss_table_new(int dirfd, size_t record, uint64_t slots, struct vss_err *err)
{
	struct vss_table *t = vss_alloc(sizeof *t);

	*t = (struct vss_table){ .dirfd = dirfd, .records = -1, .slots = -1, .record = record };
	t->nslots = slots < LINE ? LINE : slots;
	t->tail = vss_alloc(TAIL / record * record);
	t->records = new_file(dirfd, 0, err);
	if (t->records >= 0)
		t->slots = new_file(dirfd, t->nslots * SLOT, err);
	if (t->slots >= 0)
		return t;
	vss_table_free(t);
	return NULL;
}

void
vss_table_free(struct vss_table *t)
{
	if (!t)
		return;
	if (t->records >= 0)
		close(t->records); /* unlinked: nobody will read them */
	if (t->slots >= 0)
		close(t->slots);
	free(t->tail);
	free(t);
}

uint64_t
vss_table_count(const struct vss_table *t)
{
	return t->count;
}

static int
pwrite_all(int fd, const unsigned char *p, size_t n, uint64_t at, struct vss_err *err)
{
	while (n) {
		ssize_t done = pwrite(fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "table: write");
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return 0;
}

static int
get_record(struct vss_table *t, uint64_t number, unsigned char *out, size_t n, struct vss_err *err)
{
	if (number >= t->flushed) {
		memcpy(out, t->tail + (number - t->flushed) * t->record, n);
		return 0;
	}
	return vss_pread_all(t->records, out, n, (off_t)(number * t->record), err);
}

static int
add_record(struct vss_table *t, const unsigned char *record, struct vss_err *err)
{
	uint64_t waiting = t->count - t->flushed;

	if (waiting == TAIL / t->record) {
		if (pwrite_all(t->records, t->tail, waiting * t->record, t->flushed * t->record, err))
			return -1;
		t->flushed = t->count;
		waiting = 0;
	}
	memcpy(t->tail + waiting * t->record, record, t->record);
	t->count++;
	return 0;
}

/* A way through the slots, from the key's own one up to an empty one. */
struct probe {
	const unsigned char *key; /* NULL: only room is looked for */
	uint32_t tag;
	uint64_t home, slot; /* where it begins, and where it ends */
	uint64_t number;     /* of the record that was found */
};

static int
has_key(struct vss_table *t, const struct probe *p, struct vss_err *err)
{
	unsigned char key[VSS_DIGEST];

	if (get_record(t, p->number, key, sizeof key, err))
		return -1;
	return !memcmp(key, p->key, sizeof key);
}

/* 1: p->number has the key; 0: none has, and p->slot is empty; -1. */
static int
probe(struct vss_table *t, struct probe *p, struct vss_err *err)
{
	uint64_t loaded = UINT64_MAX;

	p->slot = p->home;
	for (;; p->slot = (p->slot + 1) & (t->nslots - 1)) {
		const unsigned char *s = t->line + p->slot % LINE * SLOT;
		int same;

		if (p->slot / LINE != loaded) {
			loaded = p->slot / LINE;
			if (vss_pread_all(t->slots, t->line, sizeof t->line, (off_t)(loaded * sizeof t->line), err))
				return -1;
		}
		if (!vss_get32(s + 4))
			return 0;
		p->number = (uint64_t)vss_get32(s + 4) - 1;
		if (!p->key || vss_get32(s) != p->tag)
			continue;
		same = has_key(t, p, err);
		if (same)
			return same;
	}
}

static struct probe
probe_of(const struct vss_table *t, const unsigned char key[VSS_DIGEST])
{
	return (struct probe){ .key = key, .tag = vss_get32(key + 8), .home = vss_get64(key) & (t->nslots - 1) };
}

static int
fill_slot(struct vss_table *t, const struct probe *p, uint64_t number, struct vss_err *err)
{
	unsigned char slot[SLOT];

	vss_put32(slot, p->tag);
	vss_put32(slot + 4, (uint32_t)(number + 1));
	return pwrite_all(t->slots, slot, sizeof slot, p->slot * SLOT, err);
}

/* All keys are known to differ, so only room is looked for. */
static int
place_again(struct vss_table *t, struct vss_err *err)
{
	for (uint64_t i = 0; i < t->count; i++) {
		unsigned char key[VSS_DIGEST];
		struct probe p;

		if (get_record(t, i, key, sizeof key, err))
			return -1;
		p = probe_of(t, key);
		p.key = NULL;
		if (probe(t, &p, err) < 0 || fill_slot(t, &p, i, err))
			return -1;
	}
	return 0;
}

/* At half full four times as many slots: so a probe stays short. */
static int
make_room(struct vss_table *t, struct vss_err *err)
{
	int fd;

	if (t->count == RECORDS - 1)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "table: more than %u entries", RECORDS - 1);
	if (t->count < t->nslots / 2)
		return 0;
	fd = new_file(t->dirfd, t->nslots * 4 * SLOT, err);
	if (fd < 0)
		return -1;
	close(t->slots);
	t->slots = fd;
	t->nslots *= 4;
	return place_again(t, err);
}

int
vss_table_put(struct vss_table *t, const unsigned char *record, struct vss_err *err)
{
	struct probe p;
	int found;

	if (make_room(t, err))
		return -1;
	p = probe_of(t, record);
	found = probe(t, &p, err);
	if (found)
		return found < 0 ? -1 : 0;
	return add_record(t, record, err) || fill_slot(t, &p, t->count - 1, err) ? -1 : 1;
}

int
vss_table_find(struct vss_table *t, const unsigned char key[VSS_DIGEST], unsigned char *out, struct vss_err *err)
{
	struct probe p = probe_of(t, key);
	int found = probe(t, &p, err);

	if (found > 0 && get_record(t, p.number, out, t->record, err))
		return -1;
	return found;
}
