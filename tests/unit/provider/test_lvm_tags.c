/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

#define ALLOWED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-/=!:#&"

/* `n` bytes of text that repeats nowhere. */
static char *
text_of(size_t n)
{
	char *s = vss_alloc(n + 1);

	for (size_t i = 0; i < n; i++)
		s[i] = (char)(' ' + (i * 7 + i / 90) % 90);
	return s;
}

static void
drop(struct vss_strv *tags, size_t i)
{
	free(tags->v[i]);
	tags->v[i] = vss_strdup("somebody.elses");
}

static void
a_document_of_any_length_comes_back(void **state)
{
	(void)state;
	static const size_t lengths[] = { 1, 671, 672, 673, 5000, 24 * 1024 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
		VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
		VSS_AUTOFREE char *text = text_of(lengths[i]);
		struct vss_err err = VSS_ERR_INIT;
		int64_t stamp = 0;

		vss_lvm_tags_write(text, lengths[i], 1700000000123456789, &tags);
		assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), 0);
		assert_int_equal(doc.len, lengths[i]);
		assert_memory_equal(doc.data, text, lengths[i]);
		assert_int_equal(stamp, 1700000000123456789);
	}
}

static void
tags_are_such_as_lvm_takes(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	unsigned char bytes[2000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 251);
	vss_lvm_tags_write(bytes, sizeof bytes, INT64_MAX, &tags);
	assert_int_equal(tags.n, 3);
	for (size_t i = 0; i < tags.n; i++) {
		assert_true(strlen(tags.v[i]) <= 1024);
		assert_int_equal(strspn(tags.v[i], ALLOWED), strlen(tags.v[i]));
		assert_true(vss_lvm_is_piece(tags.v[i]));
	}
}

static void
the_order_of_tags_does_not_matter(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	VSS_AUTOFREE char *text = text_of(12000);
	struct vss_err err = VSS_ERR_INIT;
	int64_t stamp;

	vss_strv_add(&tags, "vss.set.99999999-1111-4222-8333-444455556666");
	vss_lvm_tags_write(text, 12000, 5, &tags);
	vss_strv_sort(&tags);
	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), 0);
	assert_memory_equal(doc.data, text, 12000);
}

static void
of_two_versions_the_newer_is_read_while_it_is_whole(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	VSS_AUTOFREE char *text = text_of(3000);
	struct vss_err err = VSS_ERR_INIT;
	int64_t stamp = 0;

	vss_lvm_tags_write("older", 5, 100, &tags);
	vss_lvm_tags_write(text, 3000, 200, &tags);
	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), 0);
	assert_int_equal(stamp, 200);
	drop(&tags, tags.n - 1);
	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), 0);
	assert_int_equal(stamp, 100);
	assert_string_equal(doc.data, "older");
}

static void
damage_is_told_from_absence(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	int64_t stamp;

	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	vss_strv_add(&tags, "vss.unsealed");
	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	vss_strv_add(&tags, "vss.doc.");
	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
}

static void
nothing_damaged_is_believed(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"vss.doc.x.0123456789abcdef.0.1.QUJD",
		"vss.doc.1.0123456789abcdef.0.1.QUJD", /* another document's digest */
		"vss.doc.1.0123456789abcdef.1.1.QUJD",
		"vss.doc.1.0123456789abcdef.0.0.QUJD",
		"vss.doc.1.0123456789abcdef.0.99999999999.QUJD",
		"vss.doc.1.0123456789abcdef0.0.1.QUJD",
		"vss.doc.1.0123456789abcdef.0.1.Q*",
		"vss.doc.1..0.1.QUJD",
		"vss.doc.1",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
		VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
		struct vss_err err = VSS_ERR_INIT;
		int64_t stamp;
		vss_strv_add(&tags, bad[i]);
		assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), -1);
		assert_int_equal(err.code, VSS_CORRUPT);
		assert_int_equal(doc.len, 0);
	}
}

static void
a_piece_that_was_changed_spoils_its_document(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	VSS_AUTOFREE char *text = text_of(2000);
	struct vss_err err = VSS_ERR_INIT;
	int64_t stamp;

	vss_lvm_tags_write(text, 2000, 1, &tags);
	char *last = tags.v[1] + strlen(tags.v[1]) - 5;
	*last = *last == 'A' ? 'B' : 'A';
	assert_int_equal(vss_lvm_tags_read(&tags, &doc, &stamp, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
}

static void
shortened(const char *in, const char *want)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	vss_buf_str(&doc, in);
	vss_lvm_shorten(&doc);
	assert_string_equal(doc.data, want);
	assert_int_equal(doc.len, strlen(want));
}

static void
kept_documents_are_left_out_of_one_that_is_too_long(void **state)
{
	(void)state;
	shortened("<S a=\"1\"><DOCUMENT name=\"a\" text=\"&lt;x/>\"/><DOCUMENT name=\"b\" text=\"\"/><LEDGER/></S>",
		"<S a=\"1\"><LEDGER/></S>");
	shortened("<S><LEDGER/></S>", "<S><LEDGER/></S>");
	shortened("<S><DOCUMENT name=\"cut", "<S><DOCUMENT name=\"cut");
	shortened("<S><DOCUMENT name=\"a\">not ours</DOCUMENT></S>", "<S><DOCUMENT name=\"a\">not ours</DOCUMENT></S>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_of_any_length_comes_back),
		cmocka_unit_test(tags_are_such_as_lvm_takes),
		cmocka_unit_test(the_order_of_tags_does_not_matter),
		cmocka_unit_test(of_two_versions_the_newer_is_read_while_it_is_whole),
		cmocka_unit_test(damage_is_told_from_absence),
		cmocka_unit_test(nothing_damaged_is_believed),
		cmocka_unit_test(a_piece_that_was_changed_spoils_its_document),
		cmocka_unit_test(kept_documents_are_left_out_of_one_that_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
