/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take_kept.h"

#include "base/time.h"
#include "requester/convert.h"
#include "requester/unchanged.h"

#include <string.h>

static int
measure(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	return vss_archive_measure_data(ctx, at, data, n, err);
}

/* 1: its content has this digest; 0: it has not, or cannot be read, which will show when it is taken; -1. */
static int
has_digest(struct vss_taking *t, struct vss_taking_entry *x, const unsigned char want[32], struct vss_err *err)
{
	struct vss_take_reading r = { .sink = measure, .why = VSS_ERR_INIT };
	unsigned char sha256[32];

	if (vss_take_map(x, &r.why))
		return 0;
	struct vss_archive_measure *s = vss_archive_measure_new(&x->m, err);
	if (!s)
		return -1;
	t->take->read++;
	r.ctx = s;
	int rc = vss_take_read(t, x->fd, &x->map, &r, err);
	if (rc == 0)
		rc = vss_archive_measure_end(s, sha256, err) < 0 ? -1 : memcmp(sha256, want, sizeof sha256) == 0;
	else if (rc == 1)
		rc = 0;
	vss_archive_measure_free(s);
	return rc;
}

static bool
has_identity(const struct vss_taking *t, const struct vss_taking_entry *x)
{
	const char *volume = x->entry->volume;

	return volume && vss_str_eq(vss_base_volume_of(&t->take->increment->base, x->entry->path), volume);
}

static int
is_unchanged(struct vss_taking *t, struct vss_taking_entry *x, const struct vss_archive_node *node, struct vss_err *err)
{
	unsigned char xattrs[32], link[32];
	const struct vss_entry_now now = { &x->m, x->entry->st->st_nlink, has_identity(t, x),
		t->take->increment->base.bcd->created_ns };

	if (vss_archive_tree_digests(&x->m, xattrs, link, err) < 0)
		return -1;
	switch (vss_unchanged_since(node, &now, xattrs, link)) {
	case VSS_UNCHANGED:
		return 1;
	case VSS_UNCHANGED_IF_READ:
		return has_digest(t, x, node->sha256, err);
	default:
		return 0;
	}
}

static int
put_line(struct vss_taking *t, struct vss_member *m, const struct vss_archive_node *node, struct vss_err *err)
{
	struct vss_take *take = t->take;

	m->has_digest = node->has_digest;
	memcpy(m->sha256, node->sha256, sizeof m->sha256);
	m->sparse = node->sparse;
	m->partial = node->partial;
	if (vss_archive_put_unchanged(take->archive, m, vss_increment_in(take->increment, node), err) < 0)
		return -1;
	take->kept_files++;
	take->kept_bytes += S_ISREG(m->mode) ? m->size : 0;
	return vss_take_progress(take, 0, err) < 0 ? -1 : 1;
}

static int
keep_if_unchanged(
	struct vss_taking *t, struct vss_taking_entry *x, const struct vss_archive_node *node, struct vss_err *err)
{
	t->take->compared++;
	int rc = is_unchanged(t, x, node, err);
	return rc == 1 ? put_line(t, &x->m, node, err) : rc;
}

static bool
is_modified_since(const struct vss_member *m, int64_t since_ns)
{
	int64_t s = since_ns / VSS_S, ns = since_ns % VSS_S;

	return m->mtime_s > s || (m->mtime_s == s && m->mtime_ns > ns);
}

/* The time that the writer gave decides alone, whatever the base knows (B43). */
static int
keep_if_not_since(
	struct vss_taking *t, struct vss_taking_entry *x, const struct vss_archive_node *node, struct vss_err *err)
{
	struct vss_member m;

	if (is_modified_since(&x->m, x->answer->since_ns))
		return 0;
	if (!S_ISREG(node->mode) || node->is_hardlink || !S_ISREG(x->m.mode) || x->entry->st->st_nlink > 1)
		return keep_if_unchanged(t, x, node, err);
	vss_member_of_node(&m, x->m.path, node);
	int rc = put_line(t, &m, node, err);
	vss_member_clear(&m);
	return rc;
}

int
vss_take_kept(struct vss_taking *t, struct vss_taking_entry *x, struct vss_err *err)
{
	struct vss_archive_node node;
	int found = vss_archive_tree_find(t->take->increment->base.tree, x->m.path, &node, err);

	if (found <= 0 || x->answer->always)
		return found < 0 ? -1 : 0;
	if (x->answer->take == VSS_FILE_PARTS)
		return vss_take_ranges(t, x, &node, err);
	if (x->answer->take == VSS_FILE_CHANGED && x->answer->since_ns)
		return keep_if_not_since(t, x, &node, err);
	return keep_if_unchanged(t, x, &node, err);
}
