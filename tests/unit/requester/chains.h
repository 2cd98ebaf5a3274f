/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_UNIT_CHAINS_H
#define VSS_UNIT_CHAINS_H

#include "archive/arc.h"

#include "doc/doc.h"
#include "requester/documents.h"
#include "requester/requester.h"

/* Archives of chains, written with our own writer into a box: what is in them is up to the test. */
struct chained {
	int fd;
	struct vss_archive_writer *w;
};

static inline struct vss_uuid
chained_id(unsigned n)
{
	struct vss_uuid id = { { 0xc0, 0xde } };

	id.b[15] = (unsigned char)n;
	return id;
}

struct chained_as {
	unsigned id;
	enum vss_backup_type type;
	const char *host;
	const unsigned *on; /* IDs of what it builds on, up to a 0; or NULL */
};

/* The archive of backup `on` has the name "ON.tar.zst" in what was built on it. */
static inline void
chained_document(struct vss_archive_writer *w, const struct chained_as *as)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *bcd = vss_bcd_new();

	bcd->backup_id = chained_id(as->id);
	bcd->type = as->type;
	bcd->host = vss_strdup(as->host ? as->host : "here");
	for (size_t i = 0; as->on && as->on[i]; i++) {
		struct vss_uuid id = chained_id(as->on[i]);
		VSS_AUTOFREE char *hint = vss_strf("%u.tar.zst", as->on[i]);
		vss_bcd_add_image(bcd, &id, i ? VSS_BT_INCREMENTAL : VSS_BT_FULL, hint);
	}
	assert_ok(vss_doc_write_bcd(bcd, &doc, &err), err);
	assert_ok(vss_archive_put_document(w, VSS_DOC_INITIAL, doc.data, doc.len, &err), err);
	if (bcd->nchain)
		arc_document(w, VSS_DOC_BUILDS_ON, "others");
	vss_bcd_free(bcd);
}

static inline void
chained_begin(struct chained *c, int box, const char *name, const struct chained_as *as)
{
	c->fd = openat(box, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(c->fd >= 0);
	c->w = arc_begin(c->fd, 0);
	chained_document(c->w, as);
}

static inline void
chained_end(struct chained *c)
{
	arc_finish(c->w);
	close(c->fd);
}

/* It is as it was in archive `in` of the chain. */
static inline void
chained_unchanged(struct chained *c, const char *path, size_t size, unsigned in)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = arc_plain(path, S_IFREG | 0644);

	m.size = size;
	assert_ok(vss_archive_put_unchanged(c->w, &m, in, &err), err);
}

#endif
