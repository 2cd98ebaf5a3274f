/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as an archive: opened, listed, read and verified, all of it fails cleanly or succeeds.
 * What lies behind digests is reached by fuzz_archive_tar and fuzz_archive_index.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY (make fuzz
 * CPPFLAGS=-DVSS_FUZZ_CANARY) it aborts once an archive that lost its index is opened, which no
 * seed has; cutting one short does it.
 */
#include "archive/reader.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static int
touch(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	uint64_t *sum = ctx;

	(void)err;
	*sum += at + n + *(const unsigned char *)data;
	return 0;
}

static int
each_document(void *ctx, const char *name, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;

	(void)err;
	vss_archive_document(ctx, name, 1 << 20, &text, &ignored);
	return 0;
}

static int
each_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	(void)err;
	*(uint64_t *)ctx += m->size;
	return 0;
}

static bool
every_second(void *ctx, const char *path, mode_t type)
{
	(void)ctx;
	(void)type;
	return path[0] & 1;
}

static void
read_members(struct vss_archive_reader *r)
{
	struct vss_member m = { 0 };
	struct vss_err err = VSS_ERR_INIT;
	uint64_t sum = 0;

	while (vss_archive_next(r, &m, &err) > 0 && !vss_archive_content(r, touch, &sum, &err))
		;
	vss_member_clear(&m);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reader *r;
	uint64_t sum = 0;

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	r = vss_archive_open(fd, &err);
	if (r) {
#ifdef VSS_FUZZ_CANARY
		if (vss_archive_state(r) == VSS_ARCHIVE_NO_INDEX)
			abort();
#endif
		vss_archive_documents(r, each_document, r, &err);
		vss_archive_manifest(r, each_member, &sum, &err);
		read_members(r);
		if (!vss_archive_select(r, every_second, NULL, &err))
			read_members(r);
	}
	vss_archive_reader_free(r);
	vss_archive_verify(fd, NULL, NULL, NULL, &err);
	close(fd);
	return 0;
}
