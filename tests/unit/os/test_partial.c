/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/durable.h"

#include "lib/box.h"

#include <sys/wait.h>

static void
put(struct vss_partial *p, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_ok(vss_write_all(p->fd, text, strlen(text), &err), err);
}

static void
a_file_has_its_name_only_after_commit(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	assert_ok(vss_partial_open(path, false, &p, &err), err);
	put(&p, "hello");
	assert_false(box_has(dir, "f"));
	assert_true(box_has(dir, "f.partial"));
	assert_ok(vss_partial_commit(&p, &err), err);
	assert_string_equal(box_read(dir, "f"), "hello");
	assert_false(box_has(dir, "f.partial"));
	vss_partial_abandon(&p);
	assert_true(box_has(dir, "f"));
}

static void
what_is_abandoned_leaves_nothing(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p, none = { .fd = -1 };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	box_write(dir, "f", "old");
	assert_ok(vss_partial_open(path, true, &p, &err), err);
	put(&p, "new");
	vss_partial_abandon(&p);
	vss_partial_abandon(&p);
	vss_partial_abandon(&none);
	assert_string_equal(box_read(dir, "f"), "old");
	assert_false(box_has(dir, "f.partial"));
}

static void
an_existing_file_is_refused_without_replace(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	box_write(dir, "f", "old");
	assert_int_equal(vss_partial_open(path, false, &p, &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
	assert_false(box_has(dir, "f.partial"));
	assert_ok(vss_partial_open(path, true, &p, &err), err);
	put(&p, "new");
	assert_ok(vss_partial_commit(&p, &err), err);
	assert_string_equal(box_read(dir, "f"), "new");
}

static void
a_file_that_came_meanwhile_is_not_overwritten(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	assert_ok(vss_partial_open(path, false, &p, &err), err);
	box_write(dir, "f", "theirs");
	assert_int_equal(vss_partial_commit(&p, &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
	assert_string_equal(box_read(dir, "f"), "theirs");
	assert_false(box_has(dir, "f.partial"));
}

static void
a_partial_in_use_is_busy(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p, q;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	assert_ok(vss_partial_open(path, false, &p, &err), err);
	assert_int_equal(vss_partial_open(path, false, &q, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	assert_true(box_has(dir, "f.partial"));
	vss_partial_abandon(&p);
}

static void
the_partial_of_a_dead_run_is_replaced(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	pid_t pid = fork();
	if (pid == 0) {
		if (vss_partial_open(path, false, &p, &err) < 0)
			_exit(1);
		_exit(write(p.fd, "stale", 5) == 5 ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(box_read(dir, "f.partial"), "stale");
	assert_ok(vss_partial_open(path, false, &p, &err), err);
	put(&p, "new");
	assert_ok(vss_partial_commit(&p, &err), err);
	assert_string_equal(box_read(dir, "f"), "new");
}

static void
abandoning_leaves_a_partial_that_is_not_ours_alone(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	assert_ok(vss_partial_open(path, false, &p, &err), err);
	assert_int_equal(unlinkat(dir, "f.partial", 0), 0);
	box_write(dir, "f.partial", "theirs");
	vss_partial_abandon(&p);
	assert_string_equal(box_read(dir, "f.partial"), "theirs");
}

static void
directories_and_empty_names_are_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_partial p;
	VSS_AUTOFREE char *slash = box_path(state, "");
	VSS_AUTOFREE char *nowhere = box_path(state, "none/f");
	assert_int_equal(vss_partial_open(slash, true, &p, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_int_equal(vss_partial_open(*state, true, &p, &err), -1);
	assert_non_null(strstr(err.text, "Is a directory"));
	assert_int_equal(vss_partial_open(nowhere, true, &p, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_file_has_its_name_only_after_commit),
		BOX_TEST(what_is_abandoned_leaves_nothing),
		BOX_TEST(an_existing_file_is_refused_without_replace),
		BOX_TEST(a_file_that_came_meanwhile_is_not_overwritten),
		BOX_TEST(a_partial_in_use_is_busy),
		BOX_TEST(the_partial_of_a_dead_run_is_replaced),
		BOX_TEST(abandoning_leaves_a_partial_that_is_not_ours_alone),
		BOX_TEST(directories_and_empty_names_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
