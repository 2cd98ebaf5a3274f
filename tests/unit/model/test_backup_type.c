/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "lib/box.h"

static void
a_mask_says_in_which_types_a_file_set_is(void **state)
{
	static const struct {
		uint32_t mask;
		enum vss_backup_type type;
		bool in, from_snapshot;
	} cases[] = {
		{ VSS_FSBT_DEFAULT, VSS_BT_FULL, true, true },
		{ VSS_FSBT_DEFAULT, VSS_BT_LOG, true, true },
		{ VSS_FSBT_DEFAULT, VSS_BT_COPY, true, true },
		{ 0x808, VSS_BT_LOG, true, true },
		{ 0x808, VSS_BT_FULL, false, false },
		{ 0x808, VSS_BT_COPY, false, false },
		{ 0x8, VSS_BT_LOG, true, false },
		{ 0x101, VSS_BT_COPY, true, true },
		{ 0x1, VSS_BT_UNDEFINED, true, false },
		{ 0x202, VSS_BT_DIFFERENTIAL, true, true },
		{ 0x202, VSS_BT_INCREMENTAL, false, false },
		{ 0x404, VSS_BT_INCREMENTAL, true, true },
		{ 0, VSS_BT_FULL, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vss_fileset f = { .mask = cases[i].mask };
		assert_int_equal(vss_fileset_is_in_backup(&f, cases[i].type), cases[i].in);
		assert_int_equal(vss_fileset_needs_snapshot(&f, cases[i].type), cases[i].from_snapshot);
	}
}

static void
who_cannot_do_a_type_is_backed_up_in_full(void **state)
{
	struct vss_metadata none = { .schema = 0 }, log = { .schema = VSS_BS_LOG },
			    inc = { .schema = VSS_BS_INCREMENTAL };

	(void)state;
	assert_int_equal(vss_metadata_backup_type(&none, VSS_BT_LOG), VSS_BT_FULL);
	assert_int_equal(vss_metadata_backup_type(&log, VSS_BT_LOG), VSS_BT_LOG);
	assert_int_equal(vss_metadata_backup_type(&log, VSS_BT_INCREMENTAL), VSS_BT_FULL);
	assert_int_equal(vss_metadata_backup_type(&inc, VSS_BT_INCREMENTAL), VSS_BT_INCREMENTAL);
	assert_int_equal(vss_metadata_backup_type(&inc, VSS_BT_DIFFERENTIAL), VSS_BT_FULL);
	assert_int_equal(vss_metadata_backup_type(&none, VSS_BT_COPY), VSS_BT_COPY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mask_says_in_which_types_a_file_set_is),
		cmocka_unit_test(who_cannot_do_a_type_is_backed_up_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
