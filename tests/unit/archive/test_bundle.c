/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/bundle.h"

#include "lib/cm.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
add(struct vss_bundle *b, const char *name, const char *text)
{
	VSS_AUTOBUF struct vss_buf data = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	vss_buf_str(&data, text);
	return vss_bundle_add(b, name, &data, &err);
}

static void
members_come_back(void **state)
{
	(void)state;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT, back = VSS_BUNDLE_INIT;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(add(&b, "Manifest.xml", "<Manifest/>"), 0);
	assert_int_equal(add(&b, "empty", ""), 0);
	assert_int_equal(add(&b, "a name", "x"), 0);
	assert_int_equal(vss_bundle_format(&b, 1767225600, &first, &err), 0);
	assert_int_equal(vss_bundle_parse(&back, first.data, first.len, &err), 0);
	assert_int_equal(back.n, 3);
	assert_int_equal(back.bytes, 12);
	assert_string_equal(vss_bundle_find(&back, "MANIFEST.XML")->data, "<Manifest/>");
	assert_int_equal(vss_bundle_find(&back, "empty")->len, 0);
	assert_non_null(vss_bundle_find(&back, "a name"));
	assert_null(vss_bundle_find(&back, "other"));
	assert_int_equal(vss_bundle_format(&back, 1767225600, &second, &err), 0);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
}

static void
names_are_those_of_files(void **state)
{
	(void)state;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	char longest[VSS_BUNDLE_NAME_MAX + 2];

	assert_int_equal(add(&b, "a", "1"), 0);
	assert_int_equal(add(&b, "a", "2"), -1);
	assert_int_equal(add(&b, "A", "2"), -1);
	assert_int_equal(add(&b, "", "1"), -1);
	assert_int_equal(add(&b, ".", "1"), -1);
	assert_int_equal(add(&b, "..", "1"), -1);
	assert_int_equal(add(&b, "a/b", "1"), -1);
	assert_int_equal(add(&b, "a\\b", "1"), -1);
	assert_int_equal(add(&b, "a\nb", "1"), -1);
	assert_int_equal(add(&b, "a\xc3\xa4", "1"), -1);
	memset(longest, 'x', sizeof longest);
	longest[VSS_BUNDLE_NAME_MAX + 1] = '\0';
	assert_int_equal(add(&b, longest, "1"), -1);
	longest[VSS_BUNDLE_NAME_MAX] = '\0';
	assert_int_equal(add(&b, longest, "1"), 0);
	assert_int_equal(b.n, 2);
}

static void
there_is_an_end_to_members(void **state)
{
	(void)state;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	char name[16];

	for (unsigned i = 0; i <= VSS_BUNDLE_MEMBERS_MAX; i++) {
		snprintf(name, sizeof name, "%u", i);
		assert_int_equal(add(&b, name, ""), i < VSS_BUNDLE_MEMBERS_MAX ? 0 : -1);
	}
}

static la_ssize_t
append(struct archive *a, void *out, const void *data, size_t n)
{
	(void)a;
	vss_buf_add(out, data, n);
	return (la_ssize_t)n;
}

/* An archive of one entry, which `shape` makes something else of than a plain file. */
static void
one_entry(struct vss_buf *out, void (*shape)(struct archive_entry *e))
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	assert_int_equal(archive_write_set_format_gnutar(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open(a, out, NULL, append, NULL), ARCHIVE_OK);
	archive_entry_set_pathname(e, "a");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, 0);
	shape(e);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	archive_entry_free(e);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

static void
as_it_is(struct archive_entry *e)
{
	(void)e;
}
static void
as_directory(struct archive_entry *e)
{
	archive_entry_set_filetype(e, AE_IFDIR);
}
static void
as_symlink(struct archive_entry *e)
{
	archive_entry_set_filetype(e, AE_IFLNK);
	archive_entry_set_symlink(e, "/etc/passwd");
}
static void
as_hardlink(struct archive_entry *e)
{
	archive_entry_set_hardlink(e, "b");
}
static void
as_device(struct archive_entry *e)
{
	archive_entry_set_filetype(e, AE_IFCHR);
}
static void
as_fifo(struct archive_entry *e)
{
	archive_entry_set_filetype(e, AE_IFIFO);
}
static void
below_a_directory(struct archive_entry *e)
{
	archive_entry_set_pathname(e, "dir/a");
}
static void
above(struct archive_entry *e)
{
	archive_entry_set_pathname(e, "../a");
}

static void
nothing_but_plain_files_is_taken(void **state)
{
	(void)state;
	static void (*const shapes[])(struct archive_entry * e) = { as_it_is, as_directory, as_symlink, as_hardlink,
		as_device, as_fifo, below_a_directory, above };

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		VSS_AUTOBUF struct vss_buf bytes = VSS_BUF_INIT;
		VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
		struct vss_err err = VSS_ERR_INIT;
		one_entry(&bytes, shapes[i]);
		assert_int_equal(vss_bundle_parse(&b, bytes.data, bytes.len, &err), i ? -1 : 0);
		assert_int_equal(err.code, i ? VSS_INVALID : VSS_OK);
	}
}

/* The size in a header is a claim: eleven octal digits at 124, and the sum of the header at 148. */
static void
claim_size(struct vss_buf *tar, const char *digits)
{
	unsigned sum = 0;

	memcpy(tar->data + 124, digits, 11);
	memset(tar->data + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)tar->data[i];
	snprintf(tar->data + 148, 8, "%06o", sum);
}

static void
sizes_are_not_believed(void **state)
{
	(void)state;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT, got = VSS_BUNDLE_INIT;
	VSS_AUTOBUF struct vss_buf tar = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(add(&b, "a", "text"), 0);
	assert_int_equal(vss_bundle_format(&b, 0, &tar, &err), 0);
	claim_size(&tar, "77777777777");
	assert_int_equal(vss_bundle_parse(&got, tar.data, tar.len, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
}

/* 65 MiB of holes in a few bytes: what comes out counts, not what lies there. */
static void
as_big(struct archive_entry *e)
{
	archive_entry_set_size(e, (la_int64_t)VSS_BUNDLE_MEMBER_MAX + 1);
}

static void
a_member_that_is_too_long_is_refused(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf bytes = VSS_BUF_INIT;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	struct vss_err err = VSS_ERR_INIT;

	one_entry(&bytes, as_big); /* libarchive fills what was not written with zeros */
	assert_true(bytes.len > VSS_BUNDLE_MEMBER_MAX);
	assert_int_equal(vss_bundle_parse(&b, bytes.data, bytes.len, &err), -1);
	assert_non_null(strstr(err.text, "longer than"));
	assert_int_equal(b.n, 0);
}

static void
every_cut_is_noticed_or_is_an_end(void **state)
{
	(void)state;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	VSS_AUTOBUF struct vss_buf tar = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(add(&b, "a", "text"), 0);
	assert_int_equal(add(&b, "b", "more"), 0);
	assert_int_equal(vss_bundle_format(&b, 0, &tar, &err), 0);
	for (size_t n = 0; n < 2048; n += 100) {
		VSS_AUTOBUNDLE struct vss_bundle got = VSS_BUNDLE_INIT;
		int rc = vss_bundle_parse(&got, tar.data, n, &err);
		assert_true(rc == -1 || got.n < 2 || n > 1536);
	}
}

static void
what_is_no_archive_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "x", "MSCF", "<?xml version=\"1.0\"?>\n<a/>\n",
		"PK\003\004 something else" };
	VSS_AUTOBUF struct vss_buf zeros = VSS_BUF_INIT;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(vss_bundle_parse(&b, texts[i], strlen(texts[i]), &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
	}
	for (int i = 0; i < 10240; i++)
		vss_buf_ch(&zeros, '\0');
	assert_int_equal(vss_bundle_parse(&b, zeros.data, zeros.len, &err), -1);
}

static void
a_cabinet_is_read(void **state)
{
	(void)state;
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_bundle_read(&b, VSS_SOURCE_DIR "/tests/data/windows/metadata.cab", &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(b.n, 4);
	assert_int_equal(vss_bundle_find(&b, "Manifest.xml")->len, 1450);
	assert_int_equal(vss_bundle_find(&b, "WM0.xml")->len, 3626);
}

static void
it_is_written_whole_in_place_of_the_old_one(void **state)
{
	(void)state;
	char dir[] = "/tmp/test-bundle-XXXXXX", path[64], partial[80];
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a.cab", dir);
	snprintf(partial, sizeof partial, "%s.partial", path);
	for (int i = 0; i < 2; i++) {
		VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT, back = VSS_BUNDLE_INIT;
		assert_int_equal(add(&b, i ? "new" : "old", "text"), 0);
		assert_int_equal(vss_bundle_write(&b, 0, path, &err), 0);
		assert_int_equal(vss_bundle_read(&back, path, &err), 0);
		assert_non_null(vss_bundle_find(&back, i ? "new" : "old"));
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(partial, F_OK), -1);
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_back),
		cmocka_unit_test(names_are_those_of_files),
		cmocka_unit_test(there_is_an_end_to_members),
		cmocka_unit_test(nothing_but_plain_files_is_taken),
		cmocka_unit_test(sizes_are_not_believed),
		cmocka_unit_test(a_member_that_is_too_long_is_refused),
		cmocka_unit_test(every_cut_is_noticed_or_is_an_end),
		cmocka_unit_test(what_is_no_archive_is_refused),
		cmocka_unit_test(a_cabinet_is_read),
		cmocka_unit_test(it_is_written_whole_in_place_of_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
