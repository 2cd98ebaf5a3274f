/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/provider.h"

#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

static int
without_fake(void **state)
{
	(void)state;
	return unsetenv("VSS_FAKE_VOLUMES");
}

static int
with_fake(void **state)
{
	(void)state;
	return setenv("VSS_FAKE_VOLUMES", "/nowhere", 1);
}

static void
providers_stand_in_the_order_of_their_names_each_with_an_id_of_its_own(void **state)
{
	(void)state;
	const struct vss_provider_ops *const *p = vss_providers();
	struct vss_uuid id, last = { { 0 } };

	for (; *p; p++) {
		assert_int_equal(vss_uuid_parse((*p)->id, &id), 0);
		assert_false(vss_uuid_eq(&id, &last));
		last = id;
		if (p[1])
			assert_true(strcmp((*p)->name, p[1]->name) < 0);
	}
}

static void
every_provider_has_what_is_required(void **state)
{
	(void)state;
	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++) {
		const struct vss_provider_ops *o = *p;
		assert_true(o->title && o->version && o->bid && o->promise && o->commit && o->abort && o->done);
		assert_true(o->places_of && o->places && o->surface && o->unsurface && o->expose && o->unexpose);
		assert_true(o->remove && o->tidy && o->exists && o->reap);
	}
}

static void
the_fake_provider_takes_part_in_trials_only(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_non_null(vss_provider_named("fake", &err));
	without_fake(state);
	assert_null(vss_provider_named("fake", &err));
	assert_int_equal(err.code, VSS_E_PROVIDER_NOT_REGISTERED);
}

static void
a_provider_is_named_by_word_or_id_in_any_case(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_ops *btrfs = vss_provider_named("btrfs", &err);

	(void)state;
	assert_non_null(btrfs);
	assert_ptr_equal(vss_provider_named("BTRFS", &err), btrfs);
	assert_ptr_equal(vss_provider_named("{7F4B8C52-1F0E-4A5D-9A37-5A0B6C1F6A02}", &err), btrfs);
	assert_null(vss_provider_named("btrf", &err));
	assert_null(vss_provider_named("{00000000-0000-0000-0000-000000000000}", &err));
}

static char empty[] = "", mount[] = "/m", btrfs[] = "btrfs", ext4[] = "ext4",
	    uuid[] = "1362baf8-8e31-40b5-871c-0bcbc77d214b";

static void
the_best_bid_wins_and_a_wish_wins_over_it(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume v = {
		.mount = mount, .source = empty, .fstype = btrfs, .id = uuid, .fs_uuid = uuid, .fs_root = empty
	};

	(void)state;
	assert_string_equal(vss_provider_for(&v, NULL, &err)->name, "btrfs");
	assert_string_equal(vss_provider_for(&v, "clone", &err)->name, "clone");
	v.fstype = ext4;
	assert_string_equal(vss_provider_for(&v, NULL, &err)->name, "clone");
}

static void
who_cannot_is_refused_with_the_codes_of_vss(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume v = { .mount = mount, .source = empty, .fstype = ext4, .id = uuid, .fs_root = empty };

	(void)state;
	assert_null(vss_provider_for(&v, "btrfs", &err));
	assert_int_equal(err.code, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER);
	assert_non_null(strstr(err.text, "/m"));
	assert_null(vss_provider_for(&v, "nobody", &err));
	assert_int_equal(err.code, VSS_E_PROVIDER_NOT_REGISTERED);
	v.pseudo = true;
	assert_null(vss_provider_for(&v, NULL, &err));
	assert_int_equal(err.code, VSS_E_VOLUME_NOT_SUPPORTED);
}

static void
a_read_only_btrfs_is_not_for_the_btrfs_provider(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume v = { .mount = mount,
		.source = empty,
		.fstype = btrfs,
		.id = uuid,
		.fs_uuid = uuid,
		.fs_root = empty,
		.read_only = true };

	(void)state;
	assert_null(vss_provider_for(&v, "btrfs", &err));
	assert_int_equal(err.code, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			providers_stand_in_the_order_of_their_names_each_with_an_id_of_its_own, with_fake),
		cmocka_unit_test_setup(every_provider_has_what_is_required, with_fake),
		cmocka_unit_test_setup(the_fake_provider_takes_part_in_trials_only, with_fake),
		cmocka_unit_test_setup(a_provider_is_named_by_word_or_id_in_any_case, without_fake),
		cmocka_unit_test_setup(the_best_bid_wins_and_a_wish_wins_over_it, without_fake),
		cmocka_unit_test_setup(who_cannot_is_refused_with_the_codes_of_vss, without_fake),
		cmocka_unit_test_setup(a_read_only_btrfs_is_not_for_the_btrfs_provider, without_fake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
