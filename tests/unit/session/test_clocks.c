/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

#include "base/time.h"
#include "os/dirs.h"
#include "os/lock.h"

/* A pipe by name: whoever the fake provider lets stand still waits for somebody to write to it. */
static char *
make_fifo(void)
{
	char *path = stage_path("fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	return path;
}

static void
let_go(const char *fifo)
{
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
}

/* The provider's thread has gone when the creation lock that it holds is free. */
static void
wait_for_lock(void)
{
	VSS_AUTOFREE char *path = stage_path("run/creation.lock");
	int fd = vss_lock(path, 20000, &stage.err);
	if (fd < 0)
		fail_msg("%s", stage.err.text);
	close(fd);
}

/* `at=` of the first line of the log that begins with `event`. */
static int64_t
time_of(const char *event)
{
	VSS_AUTOFREE char *log = stage_read("log"), *start = vss_strf("\n%s at=", event);
	const char *at = strstr(log, start);

	if (!at)
		fail_msg("no %s in the log:\n%s", event, log);
	return strtoll(at + strlen(start), NULL, 10);
}

static void
a_stuck_provider_cannot_keep_a_writer_frozen_beyond_its_limit(void **state)
{
	static const char *const phases[] = { "pre_commit", "commit", "post_commit" };

	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
		stage_clear(state);
		assert_int_equal(stage_set(state), 0);
		VSS_AUTOFREE char *fifo = make_fifo();
		VSS_AUTOFREE char *fault = vss_strf("%s=stall:%s", phases[i], fifo);
		setenv("VSS_FAKE_FAULTS", fault, 1);
		stage_writer("Quick", "", "FreezeTimeout=2");
		stage_writer("Patient", "", "");
		stage_new(&(struct vss_session_options){ 0 });
		assert_int_equal(stage_create(true), -1);
		assert_int_equal(stage.err.code, VSS_TIMEOUT);
		assert_non_null(strstr(stage.err.text, "writer \"Quick\""));
		assert_non_null(strstr(stage.err.text, "VSS_E_WRITERERROR_TIMEOUT"));
		int64_t window = time_of("thaw") - time_of("freeze");
		assert_true(window >= 1900 * VSS_MS && window < 3000 * VSS_MS);
		assert_int_equal(stage_count("thaw"), 2);
		assert_int_equal(stage_result("Quick")->error, VSS_E_WRITERERROR_TIMEOUT);
		assert_int_equal(stage_result("Patient")->error, VSS_OK);

		/* Nobody else may begin while the provider is at it; then it cleans up by itself. */
		VSS_AUTOFREE char *lock = stage_path("run/creation.lock");
		assert_int_equal(vss_lock_is_held(lock, &stage.err), 1);
		let_go(fifo);
		wait_for_lock();
		stage_end();
		assert_nothing_left();
	}
}

static void
a_writer_that_stalls_in_freeze_fails_the_set_at_its_limit(void **state)
{
	(void)state;
	stage_writer("Slow", "at freeze stall\n", "FreezeTimeout=1");
	stage_writer("Good", "", "");
	stage_new(&(struct vss_session_options){ 0 });
	int64_t began = vss_now_mono();
	assert_int_equal(stage_create(true), -1);
	assert_true(vss_now_mono() - began < 30 * VSS_S);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_int_equal(stage_result("Slow")->error, VSS_E_WRITERERROR_TIMEOUT);
	assert_int_equal(stage_count("thaw"), 1); /* of the good one */
	stage_end();
	assert_nothing_left();
}

static void
a_writer_that_thaws_early_fails_the_set(void **state)
{
	(void)state;
	VSS_AUTOFREE char *fifo = make_fifo();
	VSS_AUTOFREE char *fault = vss_strf("commit=stall:%s", fifo);
	setenv("VSS_FAKE_FAULTS", fault, 1);
	stage_writer("Hasty", "at freeze shorten-window ms=200\n", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage.err.code, VSS_TIMEOUT); /* as the writer itself says */
	assert_non_null(strstr(stage.err.text, "writer \"Hasty\""));
	assert_int_equal(stage_result("Hasty")->state, VSS_WS_FAILED_AT_FREEZE);
	let_go(fifo);
	wait_for_lock();
	stage_end();
	assert_nothing_left();
}

static void
a_second_set_waits_for_the_first(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_begin(false));
	struct vss_session *first = stage.s;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_int_equal(vss_session_start_snapshot_set(stage.s, 0, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_SNAPSHOT_SET_IN_PROGRESS);
	assert_int_equal(vss_session_start_snapshot_set(stage.s, 100, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_SNAPSHOT_SET_IN_PROGRESS);
	assert_done(vss_session_prepare_for_backup(first, &stage.err));
	assert_done(vss_session_do_snapshot_set(first, &stage.err));
	/* The first one's copies are in use, but nothing is in creation any more. */
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_done(stage_add_volume(stage.a));
	assert_done(vss_session_prepare_for_backup(stage.s, &stage.err));
	assert_done(vss_session_do_snapshot_set(stage.s, &stage.err));
	vss_session_free(first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_stuck_provider_cannot_keep_a_writer_frozen_beyond_its_limit),
		STAGE_TEST(a_writer_that_stalls_in_freeze_fails_the_set_at_its_limit),
		STAGE_TEST(a_writer_that_thaws_early_fails_the_set),
		STAGE_TEST(a_second_set_waits_for_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
