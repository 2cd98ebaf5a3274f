/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/stage.h"

#include "provider/clone_internal.h"

#define NOBODY 65534

/* Root reads everything: from here on these tests are somebody else, who owns the stage. */
static int
become_nobody(const struct stage *s)
{
	static const char *const all[] = { ".", "one", "two", "one/file", "two/file" };

	if (getuid() != 0)
		return 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (fchownat(s->fd, all[i], NOBODY, NOBODY, 0))
			return -1;
	return setegid(NOBODY) || seteuid(NOBODY) ? -1 : 0;
}

/* A file and a directory of volume one are closed. */
static int
stage_open_as_nobody(void **state)
{
	if (stage_open(state) || become_nobody(*state))
		return -1;
	struct stage *s = *state;
	stage_write(s, "one", "closed", "secret");
	box_mkdir(s->fd, "one/shut");
	stage_write(s, "one/shut", "within", "secret");
	if (fchmodat(s->fd, "one/closed", 0, 0) || fchmodat(s->fd, "one/shut", 0, 0))
		return -1;
	vss_clone_let_tick();
	return 0;
}

static int
stage_close_as_nobody(void **state)
{
	struct stage *s = *state;
	stage_clear_set(s);
	int r = fchmodat(s->fd, "one/shut", 0700, 0);
	if (getuid() == 0)
		r |= seteuid(0) | setegid(0);
	return r | stage_close(state);
}

#define NOBODY_TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_as_nobody, stage_close_as_nobody)

/* What `name` is in the copy of volume one. */
static struct stat
copied(const struct stage *s, const char *name)
{
	char id[VSS_UUID_TEXT];
	struct stat st;

	vss_uuid_text(&s->v[0].shadow_id, id);
	VSS_AUTOFREE char *path = vss_strf("one/.vss-shadows/%s/copy/%s", id, name);
	assert_int_equal(fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static void
a_file_that_cannot_be_read_fails_a_set_that_accepts_no_loss(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *says = vss_strf("%s/one: closed: open: Permission denied", (char *)s->box);

	stage_set(s, "clone", 1);
	assert_int_equal(stage_commit(s, &err), -1);
	assert_string_equal(err.text, says);
	assert_int_equal(s->v[0].nlost, 0);
	assert_int_equal(s->p->abort(&s->ps, &err), 0);
	assert_false(stage_has(s, "one/.vss-shadows"));
}

static void
where_losses_are_accepted_what_cannot_be_read_is_remembered(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "clone", 2);
	s->ps.accept_lost = true;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_int_equal(s->v[0].nlost, 2);
	assert_string_equal(s->v[0].lost[0].path, "closed");
	assert_string_equal(s->v[0].lost[0].why, "open: Permission denied");
	assert_true(S_ISREG(s->v[0].lost[0].type));
	assert_string_equal(s->v[0].lost[1].path, "shut");
	assert_true(S_ISDIR(s->v[0].lost[1].type));
	assert_int_equal(s->v[1].nlost, 0);
}

static void
an_empty_file_or_directory_stands_in_for_what_cannot_be_read(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "clone", 1);
	s->ps.accept_lost = true;
	assert_int_equal(stage_commit(s, &err), 0);
	struct stat st = copied(s, "file");
	assert_int_equal(st.st_size, 1);
	st = copied(s, "closed");
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0);
	assert_int_equal(st.st_size, 0);
	st = copied(s, "shut");
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0);
}

/* Whoever comes by another name must not take the stand-in for the file. */
static void
every_name_of_what_cannot_be_read_is_remembered(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	box_mkdir(s->fd, "one/more");
	assert_int_equal(linkat(s->fd, "one/closed", s->fd, "one/more/name", 0), 0);
	stage_set(s, "clone", 1);
	s->ps.accept_lost = true;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_int_equal(s->v[0].nlost, 3);
	assert_int_equal(copied(s, "more/name").st_size, 0);
	bool first = false, second = false;
	for (size_t i = 0; i < s->v[0].nlost; i++) {
		first |= strcmp(s->v[0].lost[i].path, "closed") == 0;
		second |= strcmp(s->v[0].lost[i].path, "more/name") == 0;
	}
	assert_true(first && second);
	assert_true(s->v[0].still);
}

static void
only_losses_among_what_is_needed_are_remembered(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	static const char *const only[] = { "file" };

	stage_set(s, "clone", 1);
	s->v[0].only = only;
	s->v[0].nonly = 1;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_int_equal(s->v[0].nlost, 0);
}

static void
a_quiet_volume_is_still_although_something_in_it_cannot_be_read(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "clone", 1);
	s->ps.accept_lost = true;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_true(s->v[0].still);
}

/* `n` more that are closed. */
static void
close_more(struct stage *s, int n)
{
	char name[32];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof name, "one/more-%04d", i);
		assert_int_equal(mknodat(s->fd, name, S_IFREG, 0), 0);
	}
	vss_clone_let_tick();
}

static void
as_many_losses_as_can_be_remembered_are_accepted(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	close_more(s, VSS_PROVIDER_LOST_MAX - 2);
	stage_set(s, "clone", 1);
	s->ps.accept_lost = true;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_int_equal(s->v[0].nlost, VSS_PROVIDER_LOST_MAX);
}

static void
one_loss_more_than_can_be_remembered_fails_the_set(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	close_more(s, VSS_PROVIDER_LOST_MAX - 1);
	stage_set(s, "clone", 1);
	s->ps.accept_lost = true;
	assert_int_equal(stage_commit(s, &err), -1);
	assert_non_null(strstr(err.text, "/one: shut: "));
	assert_non_null(strstr(err.text, "1000 other"));
	assert_non_null(strstr(err.text, "Permission denied"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NOBODY_TEST(a_file_that_cannot_be_read_fails_a_set_that_accepts_no_loss),
		NOBODY_TEST(where_losses_are_accepted_what_cannot_be_read_is_remembered),
		NOBODY_TEST(an_empty_file_or_directory_stands_in_for_what_cannot_be_read),
		NOBODY_TEST(every_name_of_what_cannot_be_read_is_remembered),
		NOBODY_TEST(only_losses_among_what_is_needed_are_remembered),
		NOBODY_TEST(a_quiet_volume_is_still_although_something_in_it_cannot_be_read),
		NOBODY_TEST(as_many_losses_as_can_be_remembered_are_accepted),
		NOBODY_TEST(one_loss_more_than_can_be_remembered_fails_the_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
