/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/stack.h"

#include "lib/box.h"
#include "lib/stage.h"
#include "os/mount.h"
#include "os/stack_internal.h"

static void
collect(void *ctx, const char *path)
{
	vss_strv_add(ctx, path);
}

static void
the_layers_of_an_overlay_are_read_from_its_options(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv got = VSS_STRV_INIT;
	vss_overlay_layers("rw,lowerdir=/a:/b\\:c::/d,upperdir=/with\\,comma,workdir=/w,xino=off", collect, &got);
	static const char *const want[] = { "/a", "/b:c", "/d", "/with,comma", "/w" };
	assert_int_equal(got.n, 5);
	for (size_t i = 0; i < got.n; i++)
		assert_string_equal(got.v[i], want[i]);
}

static void
layers_of_the_new_mount_call_are_read_too(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv got = VSS_STRV_INIT;
	vss_overlay_layers("ro,lowerdir+=/a,lowerdir+=/b,datadir+=/c,metacopy=on", collect, &got);
	assert_int_equal(got.n, 3);
	assert_string_equal(got.v[0], "/a");
	assert_string_equal(got.v[1], "/b");
	assert_string_equal(got.v[2], "/c");
}

static struct vss_volume *
volume_of(void **state, const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = box_path(state, name);
	struct vss_volume *v = vss_volume_of(path, &err);
	if (!v)
		fail_msg("%s", err.text);
	return v;
}

static void
assert_stands(const struct vss_volume *upper, const struct vss_volume *lower, int want)
{
	struct vss_err err = VSS_ERR_INIT;
	int r = vss_stands_on(upper->dev, lower->dev, &err);
	assert_ok(r, err);
	assert_int_equal(r, want);
}

static void
a_file_system_stands_on_itself_and_not_on_another(void **state)
{
	struct vss_volume *box = volume_of(state, ".");
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume *proc = vss_volume_of("/proc", &err);
	assert_non_null(proc);
	assert_stands(box, box, 1);
	assert_stands(proc, proc, 1);
	assert_stands(box, proc, 0);
	assert_stands(proc, box, 0);
	vss_volume_free(box);
	vss_volume_free(proc);
}

static void
a_loop_file_makes_one_stand_on_the_other(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume *box = volume_of(state, ".");
	struct vss_volume *top = volume_of(state, "top");
	const struct vss_volume *const set[] = { box, top };
	size_t order[2];
	assert_stands(top, box, 1);
	assert_stands(box, top, 0);
	assert_ok(vss_stack_order(set, 2, order, &err), err);
	assert_int_equal(order[0], 1);
	assert_int_equal(order[1], 0);
	vss_volume_free(box);
	vss_volume_free(top);
}

static void
files_of_a_private_mount_lie_on_what_it_shows(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume *box = volume_of(state, ".");
	struct vss_volume *top = volume_of(state, "top");
	VSS_AUTOCLOSE int private = vss_mount_btrfs_top(top->source, &err);
	VSS_AUTOCLOSE int inside = box_subdir(private, "inside");
	VSS_AUTOCLOSE int outside = box_open(state);
	assert_int_equal(vss_lies_on(inside, top, &err), 1);
	assert_int_equal(vss_lies_on(inside, box, &err), 1);
	assert_int_equal(vss_lies_on(outside, top, &err), 0);
	assert_int_equal(vss_lies_on(outside, box, &err), 1);
	vss_volume_free(box);
	vss_volume_free(top);
}

static void
a_subvolume_that_is_not_mounted_lies_on_its_file_system(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume *top = volume_of(state, "top");
	VSS_AUTOFREE char *path = box_path(state, "top/sub");
	const char *const create[] = { "btrfs", "subvolume", "create", path, NULL };
	stage_run(create);
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(vss_lies_on(fd, top, &err), 1);
	vss_volume_free(top);
}

static void
an_overlay_stands_on_its_layers(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *at = box_path(state, "over");
	VSS_AUTOFREE char *options = vss_strf("lowerdir=%s/low,upperdir=%s/top/upper,workdir=%s/top/work",
		(char *)*state, (char *)*state, (char *)*state);
	box_mkdir(dir, "low");
	box_mkdir(dir, "over");
	box_mkdir(dir, "top/upper");
	box_mkdir(dir, "top/work");
	if (mount("overlay", at, "overlay", 0, options) < 0)
		skip();
	struct vss_volume *over = volume_of(state, "over");
	struct vss_volume *top = volume_of(state, "top");
	struct vss_volume *box = volume_of(state, ".");
	assert_stands(over, top, 1);
	assert_stands(over, box, 1);
	assert_stands(top, over, 0);
	vss_volume_free(over);
	vss_volume_free(top);
	vss_volume_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_layers_of_an_overlay_are_read_from_its_options),
		cmocka_unit_test(layers_of_the_new_mount_call_are_read_too),
		BOX_TEST(a_file_system_stands_on_itself_and_not_on_another),
		BOX_TEST(a_loop_file_makes_one_stand_on_the_other),
		BOX_TEST(files_of_a_private_mount_lie_on_what_it_shows),
		BOX_TEST(a_subvolume_that_is_not_mounted_lies_on_its_file_system),
		BOX_TEST(an_overlay_stands_on_its_layers),
	};
	return cmocka_run_group_tests_name("os/stack", tests, NULL, NULL);
}
