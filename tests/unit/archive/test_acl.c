/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/cm.h"

#include "archive/acl_internal.h"

#include <string.h>

static const unsigned char kernel[] = { 2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0xd2, 4, 0, 0, 4, 0, 5,
	0, 255, 255, 255, 255, 8, 0, 1, 0, 0, 0, 0, 0, 16, 0, 5, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255,
	255 };
static const char text[] = "user::rwx,user:1234:r--,group::r-x,group:0:--x,mask::r-x,other::---";

static void
both_forms_say_the_same(void **state)
{
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_true(vss_acl_to_text(&b, kernel, sizeof kernel));
	assert_string_equal(b.data, text);
	vss_buf_reset(&b);
	assert_int_equal(vss_acl_from_text(&b, text, strlen(text), &err), 0);
	assert_int_equal(b.len, sizeof kernel);
	assert_memory_equal(b.data, kernel, b.len);
}

static void
what_is_no_acl_has_no_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kernel; i++) {
		unsigned char bad[sizeof kernel];
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
		VSS_AUTOBUF struct vss_buf back = VSS_BUF_INIT;
		struct vss_err err = VSS_ERR_INIT;

		assert_true(i == 12 || i == 20 || i == 28 || i == 36 || i == 44 || !vss_acl_to_text(&b, kernel, i));
		memcpy(bad, kernel, sizeof bad);
		bad[i] ^= 0x40;
		/* Either it is refused, or the text brings back just these bytes. */
		if (!vss_acl_to_text(&b, bad, sizeof bad))
			continue;
		assert_int_equal(vss_acl_from_text(&back, b.data, b.len, &err), 0);
		assert_int_equal(back.len, sizeof bad);
		assert_memory_equal(back.data, bad, sizeof bad);
	}
}

static void
malformed_text_is_refused(void **state)
{
	static const char *const bad[] = { "user", "user:", "user::", "user::rw", "user::rwxx", "user::wrx",
		"user:x:rwx", "mask:1:rwx", "other:1:r--", "me::rwx", "user:4294967295:rwx", "user:-1:rwx", ",",
		"user::rwx,,other::r--", "user::rwx:0" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
		struct vss_err err = VSS_ERR_INIT;

		if (vss_acl_from_text(&b, bad[i], strlen(bad[i]), &err) != -1)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(err.code, VSS_CORRUPT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_say_the_same),
		cmocka_unit_test(what_is_no_acl_has_no_text),
		cmocka_unit_test(malformed_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
