/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

#include "os/volume_internal.h"
#include "writer/host_internal.h"

/* A server's share, one that hides it, and an automounter's place; the root is a disk. */
static const char table[] = "20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
			    "21 20 0:40 / /srv/share rw shared:2 - nfs4 server:/export rw\n"
			    "22 21 8:2 / /srv/share/local rw shared:3 - xfs /dev/sdb1 rw\n"
			    "23 20 0:41 / /srv/windows rw shared:4 - cifs //server/share rw\n";

static struct vss_mount_list mounts;

static int
set(void **state)
{
	int r = stage_set(state);

	stage_write("mounts", table);
	VSS_AUTOFREE char *file = stage_path("mounts");
	return r != 0 ? r : vss_mounts_read(file, &mounts, &stage_err);
}

static int
clear(void **state)
{
	vss_mount_list_free(&mounts);
	return stage_clear(state);
}

/* A writer with one file set is asked for its places. */
static int
check(const char *path, const char *alternate, const char *scratch)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_component *c = vss_metadata_add_component(m, VSS_CT_FILEGROUP, "", "all", &stage_err);
	struct vss_fileset *f = vss_component_add_files(c, VSS_FILES, path, "*", true);

	f->alternate = vss_strdup(alternate);
	stage_err = (struct vss_err)VSS_ERR_INIT;
	int r = host_check_places(m, &mounts, scratch, &stage_err);
	vss_metadata_free(m);
	return r;
}

static void
files_on_the_network_are_refused_by_the_type_of_their_mount(void **state)
{
	(void)state;
	assert_int_equal(check("/srv/share/data", NULL, NULL), -1);
	assert_int_equal(stage_err.code, VSS_UNSUPPORTED);
	assert_string_equal(stage_err.text, "component all: /srv/share/data: on a network file system (nfs4 at "
					    "/srv/share), which cannot be copied");
	assert_int_equal(check("/srv/share", NULL, NULL), -1);
	assert_int_equal(check("/srv/windows/x", NULL, NULL), -1);
}

static void
files_beside_it_and_on_disks_mounted_in_it_are_not(void **state)
{
	(void)state;
	assert_int_equal(check("/srv", NULL, NULL), 0);
	assert_int_equal(check("/srv/shared", NULL, NULL), 0);
	assert_int_equal(check("/srv/share/local/data", NULL, NULL), 0);
}

static void
an_alternate_place_counts_too_unless_it_is_scratch(void **state)
{
	(void)state;
	assert_int_equal(check("/srv/data", "/srv/share/copy", NULL), -1);
	assert_int_equal(check("/srv/data", "/srv/share/scratch/w/label", "/srv/share/scratch/w"), 0);
	assert_int_equal(check("/srv/data", "/srv/share/scratch/w2", "/srv/share/scratch/w"), -1);
}

/* A statement that names files is asked for its places. */
static int
check_named(const char *text, const char *scratch)
{
	struct vss_line l = VSS_LINE_INIT;

	stage_err = (struct vss_err)VSS_ERR_INIT;
	assert_int_equal(vss_line_parse(text, strlen(text), &l, &stage_err), 0);
	int r = host_names_places(&l) ? host_check_named_places(&l, &mounts, scratch, &stage_err) : 0;
	vss_line_clear(&l);
	return r;
}

static void
later_statements_name_no_place_on_the_network_either(void **state)
{
	static const char *const wrong[] = {
		"partial-file \"\" c /srv/share f ranges=0:1",
		"partial-file \"\" c /srv f ranges=File=/srv/share/r",
		"differenced-file \"\" c /srv/windows/x *",
		"directed-target \"\" c /srv/share f 0:1 /srv g 0:1",
		"directed-target \"\" c /srv f 0:1 /srv/share g 0:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(check_named(wrong[i], NULL), -1);
		assert_int_equal(stage_err.code, VSS_UNSUPPORTED);
	}
	assert_int_equal(check_named("partial-file \"\" c /srv f ranges=File=/srv/share/s/r", "/srv/share/s"), 0);
	assert_int_equal(check_named("directed-target \"\" c /srv f 0:1 /srv/share/local g 0:1", NULL), 0);
	assert_int_equal(check_named("backup-stamp \"\" c /srv/share", NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			files_on_the_network_are_refused_by_the_type_of_their_mount, set, clear),
		cmocka_unit_test_setup_teardown(files_beside_it_and_on_disks_mounted_in_it_are_not, set, clear),
		cmocka_unit_test_setup_teardown(an_alternate_place_counts_too_unless_it_is_scratch, set, clear),
		cmocka_unit_test_setup_teardown(later_statements_name_no_place_on_the_network_either, set, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
