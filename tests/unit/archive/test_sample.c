/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/manifest_internal.h"
#include "os/durable.h"

/* An archive of version 1 that was written long ago is whole, and says what it said then. */

#define DIR VSS_SOURCE_DIR "/tests/data/archive-v1/"

static int
open_sample(void)
{
	int fd = open(DIR "sample.tar.zst", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void
it_is_whole(void **state)
{
	VSS_AUTOCLOSE int fd = open_sample();
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_int_equal(vss_archive_verify(fd, NULL, NULL, NULL, &err), 0);
}

static int
write_line(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	static struct vss_manifest_state state;
	size_t at;

	if (!strcmp(m->path, VSS_DOC_FORMAT))
		vss_buf_reset(&state.member);
	return vss_manifest_line(&state, ctx, m, &at, err);
}

static void
its_manifest_reads_as_it_did(void **state)
{
	VSS_AUTOCLOSE int fd = open_sample();
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf kept = VSS_BUF_INIT;
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_ok(vss_read_file(DIR "sample.mtree", 1 << 20, &kept, &err), err);
	assert_non_null(strstr(kept.data, " tags=vss-xattr-sha256:"));
	vss_buf_str(&text, VSS_MANIFEST_HEAD);
	assert_ok(vss_archive_manifest(r, write_line, &text, &err), err);
	assert_string_equal(text.data, kept.data);
	vss_archive_reader_free(r);
}

static void
its_members_have_what_they_had(void **state)
{
	static const char *const secret[] = { "srv/data/secret\n\xff" }, *const holes[] = { "srv/data/holes" };
	VSS_AUTOCLOSE int fd = open_sample();
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };

	(void)state;
	assert_ok(vss_archive_select_paths(r, secret, 1, &err), err);
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_ok(vss_archive_content(r, arc_gather, &b, &err), err);
	assert_string_equal(b.data, "key");
	assert_int_equal(m.uid, 3000000);
	assert_string_equal(m.uname, "carol");
	assert_int_equal(m.mode, S_IFREG | 04750);
	assert_int_equal(m.nxattrs, 3);
	assert_string_equal(m.xattrs[1].name, "system.posix_acl_access");
	assert_int_equal(m.xattrs[1].size, 44);
	assert_string_equal(m.xattrs[2].name, "user.a=b");
	assert_ok(vss_archive_select_paths(r, holes, 1, &err), err);
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_int_equal(m.size, 1ULL << 34);
	assert_int_equal(m.nextents, 2);
	assert_int_equal(m.extents[1].at, 1ULL << 33);
	vss_member_clear(&m);
	vss_archive_reader_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_whole),
		cmocka_unit_test(its_manifest_reads_as_it_did),
		cmocka_unit_test(its_members_have_what_they_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
