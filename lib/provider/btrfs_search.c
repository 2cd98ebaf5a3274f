/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "base/mem.h"

#include <endian.h>
#include <errno.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/*
 * Questions to the trees of a btrfs, by the kernel's tree search.  Items come packed, each behind a header, and
 * are not aligned: they are copied out.
 */

#define BUFFER (64u << 10)
#define EXTENTS_MAX (4u << 20) /* 64 MiB of them; a list of storage is no reason to use up the memory */

/* Items of [min, max] in `tree`, one after the other.  `take` returns 0 to go on, 1 to end it. */
struct search {
	uint64_t tree, min_objectid, max_objectid, min_transid;
	uint32_t min_type, max_type;
	int (*take)(void *ctx, const struct btrfs_ioctl_search_header *h, const void *item);
	void *ctx;
};

/* The key behind the last one found; false when there is none. */
static bool
step(struct btrfs_ioctl_search_key *k, const struct btrfs_ioctl_search_header *last)
{
	k->min_objectid = last->objectid;
	k->min_type = last->type;
	k->min_offset = last->offset + 1;
	if (k->min_offset == 0)
		k->min_type++;
	if (k->min_offset == 0 && k->min_type > UINT8_MAX) {
		k->min_type = 0;
		k->min_objectid++;
	}
	return k->min_objectid <= k->max_objectid && (k->min_offset || k->min_type || k->min_objectid);
}

/* Items of one answer; 0 go on behind *last, 1 it was ended. */
static int
take_items(const struct search *s, const struct btrfs_ioctl_search_args_v2 *a, struct btrfs_ioctl_search_header *last)
{
	const char *at = (const char *)a->buf;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < a->key.nr_items; i++) {
		memcpy(last, at, sizeof *last);
		/* A range of keys is not one of types: what lies between is passed over. */
		if (last->type >= s->min_type && last->type <= s->max_type)
			r = s->take(s->ctx, last, at + sizeof *last);
		at += sizeof *last + last->len;
	}
	return r;
}

static int
run(int fd, const struct search *s)
{
	VSS_AUTOFREE struct btrfs_ioctl_search_args_v2 *a = vss_alloc(sizeof *a + BUFFER);
	struct btrfs_ioctl_search_header last;
	struct btrfs_ioctl_search_key key = {
		.tree_id = s->tree,
		.min_objectid = s->min_objectid,
		.max_objectid = s->max_objectid,
		.min_type = s->min_type,
		.max_type = s->max_type,
		.max_offset = UINT64_MAX,
		.min_transid = s->min_transid,
		.max_transid = UINT64_MAX,
	};

	for (;;) {
		a->key = key;
		a->key.nr_items = UINT32_MAX;
		a->buf_size = BUFFER;
		if (ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, a) < 0)
			return -1;
		if (a->key.nr_items == 0)
			return 0;
		int r = take_items(s, a, &last);
		if (r != 0 || !step(&key, &last))
			return r;
	}
}

/* --- extents --- */

static int
take_extent(void *ctx, const struct btrfs_ioctl_search_header *h, const void *item)
{
	struct vss_btrfs_extents *x = ctx;
	struct btrfs_file_extent_item e;

	if (h->len < sizeof e) /* the content itself: it lies in the tree */
		return 0;
	memcpy(&e, item, sizeof e);
	if (e.disk_bytenr == 0) /* a hole */
		return 0;
	if (x->n == EXTENTS_MAX)
		return 1;
	VSS_PUSH(x->v, x->n, x->cap) = (struct vss_btrfs_extent){ le64toh(e.disk_bytenr), le64toh(e.disk_num_bytes) };
	return 0;
}

int
vss_btrfs_tree_extents(int fd, uint64_t tree, uint64_t since, struct vss_btrfs_extents *out, struct vss_err *err)
{
	const struct search s = {
		.tree = tree,
		.min_objectid = BTRFS_FIRST_FREE_OBJECTID,
		.max_objectid = BTRFS_LAST_FREE_OBJECTID,
		.min_transid = since,
		.min_type = BTRFS_EXTENT_DATA_KEY,
		.max_type = BTRFS_EXTENT_DATA_KEY,
		.take = take_extent,
		.ctx = out,
	};
	int r = run(fd, &s);

	return r < 0 ? vss_fail(err, VSS_SYSTEM, errno, "read the tree of a subvolume") : r;
}

/* --- quota groups --- */

struct quota {
	uint64_t subvolume, exclusive;
	bool exact, found;
};

static int
take_quota(void *ctx, const struct btrfs_ioctl_search_header *h, const void *item)
{
	struct quota *q = ctx;
	struct btrfs_qgroup_status_item status = { 0 };
	struct btrfs_qgroup_info_item info = { 0 };

	if (h->type == BTRFS_QGROUP_STATUS_KEY) {
		memcpy(&status, item, h->len < sizeof status ? h->len : sizeof status);
		/* While it rescans it does not know; any other flag is another way of counting. */
		q->exact = le64toh(status.flags) == BTRFS_QGROUP_STATUS_FLAG_ON;
	} else if (h->type == BTRFS_QGROUP_INFO_KEY && h->offset == q->subvolume) {
		memcpy(&info, item, h->len < sizeof info ? h->len : sizeof info);
		q->exclusive = le64toh(info.excl);
		q->found = true;
		return 1;
	}
	return 0;
}

int
vss_btrfs_exclusive(int fd, uint64_t subvolume, uint64_t *bytes)
{
	struct quota q = { .subvolume = subvolume };
	const struct search s = {
		.tree = BTRFS_QUOTA_TREE_OBJECTID,
		.max_objectid = 0,
		.min_type = BTRFS_QGROUP_STATUS_KEY,
		.max_type = BTRFS_QGROUP_INFO_KEY,
		.take = take_quota,
		.ctx = &q,
	};

	if (run(fd, &s) < 0 || !q.exact || !q.found) /* without quotas there is no such tree */
		return -1;
	*bytes = q.exclusive;
	return 0;
}

/* --- subvolumes by UUID --- */

struct wanted {
	uint64_t high, low; /* as the tree of UUIDs has it in its keys */
	uint64_t id;
};

static int
take_subvolume(void *ctx, const struct btrfs_ioctl_search_header *h, const void *item)
{
	struct wanted *w = ctx;
	uint64_t id;

	if (h->objectid != w->high || h->offset != w->low || h->len < sizeof id)
		return 0;
	memcpy(&id, item, sizeof id);
	w->id = le64toh(id);
	return 1;
}

int
vss_btrfs_by_uuid(int fd, const struct vss_uuid *uuid, uint64_t *id)
{
	struct wanted w = { 0 };
	uint64_t half[2];

	memcpy(half, uuid->b, sizeof half);
	w.high = le64toh(half[0]);
	w.low = le64toh(half[1]);
	const struct search s = {
		.tree = BTRFS_UUID_TREE_OBJECTID,
		.min_objectid = w.high,
		.max_objectid = w.high,
		.min_type = BTRFS_UUID_KEY_SUBVOL,
		.max_type = BTRFS_UUID_KEY_SUBVOL,
		.take = take_subvolume,
		.ctx = &w,
	};
	if (run(fd, &s) < 0 || w.id == 0)
		return -1;
	*id = w.id;
	return 0;
}
