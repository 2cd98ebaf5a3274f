/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/room.h"

#include "base/buf.h"
#include "lib/box.h"

#include <errno.h>
#include <string.h>

static void
nothing_there_is_room(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	struct vss_room room = vss_look_at_room(dir, "f", S_IFREG);
	assert_false(room.there || room.busy || room.why);
	room = vss_look_at_room(dir, "not/yet/f", S_IFREG);
	assert_false(room.there || room.why);
	room = vss_look_at_room(-1, "f", S_IFREG);
	assert_false(room.there || room.why);
}

static void
a_file_is_there_and_can_be_replaced(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "x");
	struct vss_room room = vss_look_at_room(dir, "f", S_IFREG);
	assert_true(room.there);
	assert_false(room.busy || room.why);
}

static void
a_file_that_is_written_is_busy_and_one_that_is_read_is_not(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "x");
	VSS_AUTOCLOSE int reader = openat(dir, "f", O_RDONLY);
	assert_true(reader >= 0 && !vss_look_at_room(dir, "f", S_IFREG).busy);
	VSS_AUTOCLOSE int writer = openat(dir, "f", O_WRONLY);
	assert_true(writer >= 0);
	struct vss_room room = vss_look_at_room(dir, "f", S_IFREG);
	assert_true(room.there && room.busy && !room.why);
}

static void
a_directory_in_the_place_of_one_is_kept(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	box_write(sub, "f", "x");
	struct vss_room room = vss_look_at_room(dir, "sub", S_IFDIR);
	assert_true(room.kept && !room.there && !room.why);
	room = vss_look_at_room(dir, "sub", S_IFREG);
	assert_true(room.there && room.why);
	room = vss_look_at_room(dir, "sub/f", S_IFDIR);
	assert_true(room.there && !room.kept && !room.why);
	room = vss_look_at_room(dir, "sub/f/g", S_IFREG);
	assert_true(room.there && room.blocked && room.why);
}

static void
a_link_above_is_not_followed(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	assert_int_equal(symlinkat("sub", dir, "link"), 0);
	struct vss_room room = vss_look_at_room(dir, "link/f", S_IFREG);
	assert_true(room.blocked && room.why);
}

static void
below_a_directory_that_replaces_something_there_is_room(void **state)
{
	VSS_AUTOSTRV struct vss_strv replaced = VSS_STRV_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "d", "x");
	box_write(dir, "dd", "x");
	assert_true(vss_look_at_room_in_turn(&replaced, dir, "d", S_IFDIR).there);
	struct vss_room room = vss_look_at_room_in_turn(&replaced, dir, "d/f", S_IFREG);
	assert_false(room.there || room.blocked || room.why);
	assert_true(vss_look_at_room_in_turn(&replaced, dir, "dd/f", S_IFREG).blocked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(nothing_there_is_room),
		BOX_TEST(a_file_is_there_and_can_be_replaced),
		BOX_TEST(a_file_that_is_written_is_busy_and_one_that_is_read_is_not),
		BOX_TEST(a_directory_in_the_place_of_one_is_kept),
		BOX_TEST(a_link_above_is_not_followed),
		BOX_TEST(below_a_directory_that_replaces_something_there_is_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
