/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies.h"
#include "session/stage.h"

#include "base/time.h"
#include "os/child.h"
#include "os/interrupt.h"

#include <poll.h>
#include <signal.h>

extern char **environ;

/*
 * This program run again as `PROGRAM act CONTEXT` makes a set on the stage of the environment, completes it and
 * ends: the tests kill or interrupt it at its stop points.
 */
static int
act(const char *context)
{
	uint32_t bits;

	stage.err = (struct vss_err)VSS_ERR_INIT;
	stage.box = getenv("STAGE");
	VSS_AUTOFREE char *a = stage_path("a"), *b = stage_path("b");
	stage.a = a;
	stage.b = b;
	if (vss_context_by_word(context, &bits) < 0 || vss_interrupt_catch(&stage.err) < 0)
		return 2;
	stage_new(&(struct vss_session_options){ .context = bits, .type = VSS_BT_FULL });
	int rc = stage_create(true);
	if (rc == 0)
		rc = vss_session_backup_complete(stage.s, &stage.err);
	stage_end();
	return rc < 0 ? vss_code_status(stage.err.code) : 0;
}

/* Run the act with `stop` in VSS_STOP_AT; its wait status. */
static int
act_in_child(const char *context, const char *stop)
{
	const char *const argv[] = { "/proc/self/exe", "act", context, NULL };
	struct vss_child c;
	int status = -1;

	setenv("STAGE", stage.box, 1);
	setenv("VSS_STOP_AT", stop, 1);
	struct vss_child_spec spec = {
		.argv = argv, .env = (const char *const *)environ, .in = -1, .out = -1, .errfd = -1
	};
	assert_done(vss_child_spawn(&spec, &c, &stage.err));
	if (vss_child_wait(&c, vss_now_mono() + 60 * VSS_S, &status, &stage.err) != 1) {
		vss_child_end(&c, 0);
		fail_msg("%s: the act does not end", stop);
	}
	unsetenv("VSS_STOP_AT");
	return status;
}

/* Writers whose coordinator is gone see the end of input: each freeze is followed by a thaw, soon. */
static void
wait_for_thaw(void)
{
	int64_t deadline = vss_now_mono() + 10 * VSS_S;

	while (stage_count("freeze") != stage_count("thaw")) {
		if (vss_now_mono() > deadline)
			fail_msg("a writer stays frozen");
		poll(NULL, 0, 5);
	}
}

static const struct point {
	const char *name;
	bool saved; /* the set document is in its places by then */
} points[] = {
	{ "session.after-begin-prepare", false },
	{ "session.prepared", false },
	{ "session.before-freeze", false },
	{ "session.frozen", false },
	{ "session.before-commit", false },
	{ "provider.fake.copied", false },
	{ "session.committed", false },
	{ "session.thawed", false },
	{ "session.before-save", false },
	{ "session.saved", true },
	{ "session.before-complete", true },
	{ "session.completed", true },
};
enum { POINTS = sizeof points / sizeof *points };

static void
again(void **state)
{
	stage_clear(state);
	assert_int_equal(stage_set(state), 0);
	stage_writer("One", "", "");
}

static void
whatever_an_auto_release_run_was_killed_at_the_next_run_removes_all(void **state)
{
	for (size_t i = 0; i <= POINTS; i++) {
		const char *point = i < POINTS ? points[i].name : "session.before-release";
		again(state);
		int status = act_in_child("backup", point);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			fail_msg("%s: not reached (%d)", point, status);
		wait_for_thaw();
		vss_copies_reap();
		assert_nothing_left();
	}
}

static void
a_killed_run_leaves_a_persistent_set_whole_or_not_at_all(void **state)
{
	for (size_t i = 0; i < POINTS; i++) {
		struct vss_set_list l = { 0 };
		again(state);
		int status = act_in_child("app-rollback", points[i].name);
		assert_true(WIFSIGNALED(status));
		wait_for_thaw();
		vss_copies_reap();
		assert_done(vss_copies_list(&l, &stage.err));
		if (l.n != points[i].saved)
			fail_msg("%s: %zu sets are left", points[i].name, l.n);
		if (l.n)
			assert_int_equal(l.v[0]->nshadows, 2);
		else
			assert_nothing_left();
		vss_set_list_free(&l);
	}
}

static void
an_interrupted_run_cleans_up_by_itself(void **state)
{
	for (size_t i = 0; i < POINTS; i++) {
		VSS_AUTOFREE char *stop = vss_strf("%s:int", points[i].name);
		again(state);
		int status = act_in_child("backup", stop);
		if (!WIFEXITED(status) || (WEXITSTATUS(status) != 130 && WEXITSTATUS(status) != 0))
			fail_msg("%s: status %x", points[i].name, (unsigned)status);
		/* Behind the last look at the interruption the set is finished, and told so. */
		if (WEXITSTATUS(status) != 130)
			assert_int_equal(stage_count("backup-complete"), 1);
		assert_int_equal(stage_count("freeze"), stage_count("thaw"));
		assert_int_equal(stage_count("backup-shutdown"), 1);
		assert_nothing_left();
	}
}

static void
backup_complete_comes_only_after_it_was_asked_for(void **state)
{
	again(state);
	act_in_child("backup", "session.before-complete");
	assert_int_equal(stage_count("backup-complete"), 0);
	again(state);
	act_in_child("backup", "session.completed");
	assert_int_equal(stage_count("backup-complete"), 1);
}

static void
a_deletion_that_was_cut_short_is_finished_by_the_next_reap(void **state)
{
	const char *const argv[] = { "/proc/self/exe", "delete", NULL };
	struct vss_child c;
	int status;

	again(state);
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_APP_ROLLBACK });
	assert_done(stage_create(true));
	stage_end();
	setenv("VSS_STOP_AT", "copies.removed", 1);
	struct vss_child_spec spec = {
		.argv = argv, .env = (const char *const *)environ, .in = -1, .out = -1, .errfd = -1
	};
	assert_done(vss_child_spawn(&spec, &c, &stage.err));
	assert_int_equal(vss_child_wait(&c, vss_now_mono() + 60 * VSS_S, &status, &stage.err), 1);
	unsetenv("VSS_STOP_AT");
	assert_true(WIFSIGNALED(status));

	struct vss_set_list l = { 0 };
	vss_copies_reap();
	assert_done(vss_copies_list(&l, &stage.err));
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0]->nshadows, 1);
	vss_set_list_free(&l);
}

static int
delete_all(void)
{
	struct vss_set_list l = { 0 };
	unsigned deleted = 0;
	int rc = vss_copies_list(&l, &stage.err);

	for (size_t i = 0; rc == 0 && i < l.n; i++)
		rc = vss_copies_delete_set(l.v[i], &deleted, &stage.err);
	vss_set_list_free(&l);
	return rc < 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "act") == 0)
		return act(argv[2]);
	if (argc == 2 && strcmp(argv[1], "delete") == 0)
		return delete_all();
	const struct CMUnitTest tests[] = {
		STAGE_TEST(whatever_an_auto_release_run_was_killed_at_the_next_run_removes_all),
		STAGE_TEST(a_killed_run_leaves_a_persistent_set_whole_or_not_at_all),
		STAGE_TEST(an_interrupted_run_cleans_up_by_itself),
		STAGE_TEST(backup_complete_comes_only_after_it_was_asked_for),
		STAGE_TEST(a_deletion_that_was_cut_short_is_finished_by_the_next_reap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
