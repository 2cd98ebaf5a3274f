/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/record.h"

#include "lib/box.h"

#include "base/buf.h"
#include "freeze/freeze.h"
#include "freeze/page.h"

#include <sys/sysmacros.h>

static const char whole[] = "vss-freeze 1 holding\n"
			    "boot 550ffdd5\n"
			    "fs 7:300 3b4f4a29-0dbf-40f0-a233-67fbb4681046 ext4 /dev/with\\040blank\n"
			    "fs 0:41 - btrfs tmp\\134x\n"
			    "cgroup 0 /sys/fs/cgroup/a\\012b\n"
			    "end\n";

static void
a_record_is_read_as_it_was_written(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_freeze_record r;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	assert_ok(vss_freeze_record_parse(whole, &r, &err), err);
	assert_true(r.holding);
	assert_string_equal(r.boot, "550ffdd5");
	assert_int_equal(r.nfs, 2);
	assert_int_equal(r.fs[0].dev, makedev(7, 300));
	assert_string_equal(r.fs[0].source, "/dev/with blank");
	assert_string_equal(r.fs[0].uuid, "3b4f4a29-0dbf-40f0-a233-67fbb4681046");
	assert_null(r.fs[1].uuid);
	assert_string_equal(r.fs[1].source, "tmp\\x");
	assert_int_equal(r.ncgroups, 1);
	assert_int_equal(r.cgroups[0].before, '0');
	assert_string_equal(r.cgroups[0].path, "/sys/fs/cgroup/a\nb");
	vss_freeze_record_write(&r, &text);
	assert_string_equal(text.data, whole);
	vss_freeze_record_free(&r);
}

static void
the_state_is_overwritten_in_place(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_freeze_record r = { .boot = vss_strdup("b") };
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	vss_freeze_record_write(&r, &text);
	vss_freeze_record_free(&r);
	memcpy(text.data + VSS_FREEZE_RECORD_STATE, "holding", strlen("holding"));
	assert_ok(vss_freeze_record_parse(text.data, &r, &err), err);
	assert_true(r.holding);
	vss_freeze_record_free(&r);
}

static void
anything_else_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "vss-freeze 2 holding\nboot b\nend\n",
		"vss-freeze 1 resting\nboot b\nend\n", "vss-freeze 1 holding\nend\n", "vss-freeze 1 holding\nboot b\n",
		"vss-freeze 1 holding\nboot b\nend\nmore\n", "vss-freeze 1 holding\nboot b\nfs 7 u ext4 /dev/x\nend\n",
		"vss-freeze 1 holding\nboot b\nfs 7:1 u ext4\nend\n",
		"vss-freeze 1 holding\nboot b\nfs 7:1 u ext4 /dev/x y\nend\n",
		"vss-freeze 1 holding\nboot b\nfs 7:1x u ext4 /dev/x\nend\n",
		"vss-freeze 1 holding\nboot b\nfs 7:1 u ext4 /dev/\\9\nend\n",
		"vss-freeze 1 holding\nboot b\nfs 7:1 u ext4 /dev/\\000\nend\n",
		"vss-freeze 1 holding\nboot b\ncgroup 2 /x\nend\n", "vss-freeze 1 holding\nboot b\ncgroup 0 x\nend\n",
		"vss-freeze 1 holding\nboot b\nboot c\nend\n", "vss-freeze 1 holding\nboot b\nword x\nend\n" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_freeze_record r;
		assert_int_equal(vss_freeze_record_parse(bad[i], &r, &err), -1);
		assert_int_equal(err.code, VSS_CORRUPT);
		assert_null(r.fs);
	}
}

/* Every prefix of a record is one that was cut off. */
static void
a_record_that_was_cut_off_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof whole - 1; n++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_freeze_record r;
		VSS_AUTOFREE char *cut = vss_strndup(whole, n);
		assert_int_equal(vss_freeze_record_parse(cut, &r, &err), -1);
	}
}

static void
the_start_of_a_process_is_found_behind_any_name(void **state)
{
	(void)state;
	static const char stat[] = "12 (a) b) (c) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 2";
	assert_int_equal(vss_hold_start_time(stat), 98765);
	assert_int_equal(vss_hold_start_time(""), 0);
	assert_int_equal(vss_hold_start_time("12 (cut) S 1 2"), 0);
}

static bool
can_hold(const char *fstype, bool read_only, bool network, enum vss_code *code)
{
	struct vss_err err = VSS_ERR_INIT;
	char mount[] = "/srv", type[16];
	snprintf(type, sizeof type, "%s", fstype);
	const struct vss_volume v = { .mount = mount, .fstype = type, .read_only = read_only, .network = network };
	bool can = vss_freeze_can(&v, &err);
	*code = err.code;
	return can;
}

static void
what_cannot_be_frozen_is_said(void **state)
{
	(void)state;
	enum vss_code code;
	static const char *const never[] = { "tmpfs", "vfat", "overlay", "fuse.sshfs", "fake", "squashfs" };
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		assert_false(can_hold(never[i], false, false, &code));
		assert_int_equal(code, VSS_UNSUPPORTED);
	}
	assert_false(can_hold("ext4", true, false, &code));
	assert_int_equal(code, VSS_UNSUPPORTED);
	assert_false(can_hold("nfs4", false, true, &code));
	assert_int_equal(code, VSS_UNSUPPORTED);
	if (!can_hold("xfs", false, false, &code))
		assert_int_equal(code, VSS_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_read_as_it_was_written),
		cmocka_unit_test(the_state_is_overwritten_in_place),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_record_that_was_cut_off_is_refused),
		cmocka_unit_test(the_start_of_a_process_is_found_behind_any_name),
		cmocka_unit_test(what_cannot_be_frozen_is_said),
	};
	return cmocka_run_group_tests_name("freeze/record", tests, NULL, NULL);
}
