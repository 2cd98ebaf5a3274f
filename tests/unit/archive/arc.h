/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_UNIT_ARC_H
#define VSS_UNIT_ARC_H

#include "lib/box.h"

#include "archive/reader.h"
#include "archive/writer.h"
#include "base/num.h"

#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* Archives in memory, for the tests of this room. */

static inline int
arc_memory(void)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static inline struct vss_archive_writer *
arc_begin(int fd, uint32_t frame_bytes)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_write_options o = { .fd = fd, .spool_dirfd = -1, .threads = 2, .frame_bytes = frame_bytes };
	struct vss_archive_writer *w = vss_archive_writer_new(&o, &err);

	if (!w)
		fail_msg("%s", err.text);
	return w;
}

static inline void
arc_member(struct vss_archive_writer *w, const struct vss_member *m, const void *data)
{
	struct vss_err err = VSS_ERR_INIT;
	const char *from = data;

	assert_ok(vss_archive_begin_member(w, m, &err), err);
	if (m->sparse && !m->hardlink) {
		for (size_t i = 0; i < m->nextents; i++) {
			assert_ok(vss_archive_put_data(w, m->extents[i].at, from, m->extents[i].len, &err), err);
			from += m->extents[i].len;
		}
	} else if (S_ISREG(m->mode) && !m->hardlink) {
		assert_ok(vss_archive_put_data(w, 0, from, m->size, &err), err);
	}
	assert_ok(vss_archive_end_member(w, false, &err), err);
}

static inline struct vss_member
arc_plain(const char *path, mode_t mode)
{
	union {
		const char *in;
		char *out;
	} u = { .in = path };

	return (struct vss_member){
		.path = u.out, .mode = mode, .uid = 1, .gid = 2, .mtime_s = 1700000000, .mtime_ns = 123456789
	};
}

static inline char *
arc_word(const char *s)
{
	union {
		const char *in;
		char *out;
	} u = { .in = s };

	return u.out;
}

static inline void
arc_file(struct vss_archive_writer *w, const char *path, const void *data, size_t n)
{
	struct vss_member m = arc_plain(path, S_IFREG | 0644);

	m.size = n;
	arc_member(w, &m, data);
}

static inline void
arc_dir(struct vss_archive_writer *w, const char *path)
{
	struct vss_member m = arc_plain(path, S_IFDIR | 0755);

	arc_member(w, &m, NULL);
}

static inline void
arc_document(struct vss_archive_writer *w, const char *name, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_ok(vss_archive_put_document(w, name, text, strlen(text), &err), err);
}

static inline void
arc_finish(struct vss_archive_writer *w)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_ok(vss_archive_finish(w, &err), err);
	vss_archive_writer_free(w);
}

static inline struct vss_archive_reader *
arc_open(int fd)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reader *r = vss_archive_open(fd, &err);

	if (!r)
		fail_msg("%s", err.text);
	return r;
}

/* Bytes that do not compress, the same each time. */
static inline void *
arc_noise(size_t n, uint64_t seed)
{
	unsigned char *p = vss_alloc(n);

	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (unsigned char)(seed >> 56);
	}
	return p;
}

static inline int
arc_gather(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	struct vss_buf *b = ctx;

	(void)err;
	assert_true(at >= b->len);
	while (b->len < at)
		vss_buf_ch(b, 0);
	vss_buf_add(b, data, n);
	return 0;
}

static inline size_t
arc_size(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

/* A copy of the first `n` bytes. */
static inline int
arc_cut(int fd, size_t n)
{
	VSS_AUTOFREE char *p = vss_alloc(n);
	int copy = arc_memory();

	assert_int_equal(pread(fd, p, n, 0), (ssize_t)n);
	assert_int_equal(write(copy, p, n), (ssize_t)n);
	return copy;
}

/* The smallest archive with something of every kind in it; `frame_bytes` 0: one data frame. */
static inline int
arc_small(uint32_t frame_bytes)
{
	VSS_AUTOFREE char *noise = arc_noise(12000, 1);
	int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, frame_bytes);
	struct vss_member_extent extents[] = { { 4096, 700 }, { 65536, 300 } };
	struct vss_member sparse = arc_plain("d/holes", S_IFREG | 0600), link = arc_plain("d/link", S_IFLNK | 0777);
	struct vss_member hard = arc_plain("e", S_IFREG | 0644);
	struct vss_member_xattr xattr = { arc_word("user.x"), noise, 20 };

	arc_document(w, "writers/a.xml", "<a/>");
	arc_document(w, "RECOVER.txt", "tar --zstd -xf");
	arc_dir(w, "d");
	arc_file(w, "d/empty", "", 0);
	arc_file(w, "d/f", noise, 9000);
	sparse.size = 100000;
	sparse.sparse = true;
	sparse.extents = extents;
	sparse.nextents = 2;
	sparse.xattrs = &xattr;
	sparse.nxattrs = 1;
	arc_member(w, &sparse, noise + 9000);
	link.link = arc_word("f");
	arc_member(w, &link, NULL);
	hard.hardlink = arc_word("d/f");
	arc_member(w, &hard, NULL);
	arc_file(w, "f", noise + 10000, 2000);
	arc_document(w, "ledger.json", "{}");
	arc_finish(w);
	return fd;
}

static inline void
arc_unchanged(struct vss_archive_writer *w, const struct vss_member *m, unsigned in)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_ok(vss_archive_put_unchanged(w, m, in, &err), err);
}

/*
 * Archive 2 of a chain: directory d, of which d/new is new, d/old and d/link lie in the full one, and of d/db, whole in archive
 * 1, there are three ranges.
 */
static inline int
arc_increment(uint32_t frame_bytes)
{
	VSS_AUTOFREE char *noise = arc_noise(2000, 7);
	int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, frame_bytes);
	struct vss_member_extent ranges[] = { { 3, 1 }, { 600, 100 }, { 700, 1 }, { 99990, 10 } };
	struct vss_member db = arc_plain("d/db", S_IFREG | 0640), old = arc_plain("d/old", S_IFREG | 0644);
	struct vss_member link = arc_plain("d/link", S_IFLNK | 0777), new = arc_plain("d/new", S_IFREG | 0600);

	arc_dir(w, "d");
	db.size = 100000;
	db.partial = db.sparse = true;
	db.extents = ranges;
	db.nextents = 4;
	arc_member(w, &db, noise);
	arc_unchanged(w, &db, 1);
	link.link = arc_word("old");
	arc_unchanged(w, &link, 0);
	new.size = 1500;
	new.inode = 77;
	new.has_ctime = new.has_identity = true;
	new.ctime_s = -9;
	new.ctime_ns = 5;
	arc_member(w, &new, noise);
	old.size = 12;
	old.has_digest = old.has_xattr_digest = old.has_identity = old.has_ctime = true;
	memset(old.sha256, 0xab, sizeof old.sha256);
	memset(old.xattr_sha256, 0xcd, sizeof old.xattr_sha256);
	old.inode = UINT64_MAX;
	old.ctime_s = 1700000001;
	arc_unchanged(w, &old, 0);
	old.path = arc_word("gone/far/away");
	arc_unchanged(w, &old, 0);
	arc_file(w, "z", noise, 3);
	arc_document(w, "ledger.json", "{}");
	arc_finish(w);
	return fd;
}

#endif
