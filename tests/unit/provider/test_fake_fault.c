/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/fake_internal.h"

#include "lib/box.h"

#include <pthread.h>

static void
without_faults_nothing_happens(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	unsetenv("VSS_FAKE_FAULTS");
	assert_int_equal(vss_fake_fault("commit", &err), 0);
	assert_int_equal(vss_fake_instant(), VSS_INSTANT_ONE);
	assert_false(vss_fake_asked("commit", "fuzzy"));
}

static void
a_phase_fails_with_the_code_that_was_asked_for(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	setenv("VSS_FAKE_FAULTS", "pre_commit=fail,commit=fail:VSS_E_INSUFFICIENT_STORAGE", 1);
	assert_int_equal(vss_fake_fault("begin_prepare", &err), 0);
	assert_int_equal(vss_fake_fault("pre_commit", &err), -1);
	assert_int_equal(err.code, VSS_E_PROVIDER_VETO);
	assert_int_equal(vss_fake_fault("commit", &err), -1);
	assert_int_equal(err.code, VSS_E_INSUFFICIENT_STORAGE);
	/* "commit" is the end of "pre_commit", and no fault of it */
	setenv("VSS_FAKE_FAULTS", "pre_commit=fail", 1);
	assert_int_equal(vss_fake_fault("commit", &err), 0);
}

static void
a_code_that_is_unknown_is_said_and_fails_too(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	setenv("VSS_FAKE_FAULTS", "commit=fail:VSS_E_MISTYPED", 1);
	assert_int_equal(vss_fake_fault("commit", &err), -1);
	assert_int_equal(err.code, VSS_USAGE);
}

static void
several_words_for_one_phase_are_all_seen(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	setenv("VSS_FAKE_FAULTS", "commit=fuzzy,commit=unequal,instant=many", 1);
	assert_true(vss_fake_asked("commit", "fuzzy"));
	assert_true(vss_fake_asked("commit", "unequal"));
	assert_false(vss_fake_asked("commit", "fail"));
	assert_int_equal(vss_fake_instant(), VSS_INSTANT_MANY);
	assert_int_equal(vss_fake_fault("commit", &err), 0);
}

static void *
run_commit(void *arg)
{
	struct vss_err err = VSS_ERR_INIT;
	(void)arg;
	return vss_fake_fault("commit", &err) ? arg : NULL;
}

static void
a_stalled_phase_goes_on_when_its_fifo_is_opened(void **state)
{
	pthread_t thread;
	void *failed;
	char mark;
	VSS_AUTOFREE char *fifo = box_path(state, "fifo"), *fault = vss_strf("commit=stall:%s", fifo);

	assert_int_equal(mkfifo(fifo, 0600), 0);
	setenv("VSS_FAKE_FAULTS", fault, 1);
	assert_int_equal(pthread_create(&thread, NULL, run_commit, &mark), 0);
	assert_int_not_equal(pthread_tryjoin_np(thread, &failed), 0);
	/* opening for writing waits for the reader: this returns only because the phase stands there */
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_faults_nothing_happens),
		cmocka_unit_test(a_phase_fails_with_the_code_that_was_asked_for),
		cmocka_unit_test(a_code_that_is_unknown_is_said_and_fails_too),
		cmocka_unit_test(several_words_for_one_phase_are_all_seen),
		BOX_TEST(a_stalled_phase_goes_on_when_its_fifo_is_opened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
