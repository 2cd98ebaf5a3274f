/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli_internal.h"

#include "base/log.h"
#include "cli/capture.h"
#include "lib/cm.h"

#include <fcntl.h>

static void
the_program_is_what_it_was_called_as(void **state)
{
	(void)state;
	vss_program_set("/usr/sbin/vss-backup", "x");
	assert_string_equal(vss_program(), "backup");
	vss_program_set("./restore", "x");
	assert_string_equal(vss_program(), "restore");
	vss_program_set(NULL, "fallback");
	assert_string_equal(vss_program(), "fallback");
	vss_program_set("vss-", "x");
	assert_string_equal(vss_program(), "vss-");
}

static void
a_message_is_one_clean_line(void **state)
{
	(void)state;
	vss_program_set("tool", "tool");
	struct capture c = capture_begin(STDERR_FILENO);
	vss_say("%s", "a\nb\033[31m \\012 \xff (/mnt)\\\\?\\Volume{x}\\");
	assert_string_equal(capture_end(&c), "tool: a\\012b\\033[31m \\012 \\377 (/mnt)\\\\?\\Volume{x}\\\n");
}

static int
finish(enum vss_code code, const char *text, const char **said)
{
	struct vss_err err = { .code = code };
	snprintf(err.text, sizeof err.text, "%s", text);
	struct capture c = capture_begin(STDERR_FILENO);
	int status = vss_finish(&err);
	*said = capture_end(&c);
	return status;
}

static void
the_end_has_the_status_of_the_code_and_names_it(void **state)
{
	(void)state;
	const char *said;
	assert_int_equal(finish(VSS_OK, "", &said), 0);
	assert_string_equal(said, "");
	assert_int_equal(finish(VSS_ABSENT, "/x: No such file or directory", &said), 1);
	assert_string_equal(said, "tool: /x: No such file or directory\n");
	assert_int_equal(finish(VSS_PARTIAL, "2 files failed", &said), 3);
	assert_int_equal(finish(VSS_INTERRUPTED, "interrupted", &said), 130);
	assert_int_equal(finish(VSS_E_SNAPSHOT_SET_IN_PROGRESS, "another set", &said), 5);
	assert_string_equal(said, "tool: another set (VSS_E_SNAPSHOT_SET_IN_PROGRESS)\n");
	assert_int_equal(finish(VSS_GRADE, "crash: below recoverable", &said), 6);
	assert_int_equal(finish(VSS_E_BAD_STATE, "x (VSS_E_BAD_STATE)", &said), 1);
	assert_string_equal(said, "tool: x (VSS_E_BAD_STATE)\n");
}

static const char *
logged(bool quiet, int verbose)
{
	vss_say_log(quiet, verbose);
	struct capture c = capture_begin(STDERR_FILENO);
	vss_log(VSS_LOG_ERROR, "E");
	vss_warn("W");
	vss_info("I");
	vss_debug("D");
	return capture_end(&c);
}

static void
quiet_and_verbose_choose_how_much_is_told(void **state)
{
	(void)state;
	assert_string_equal(logged(false, 0), "tool: E\ntool: W\n");
	assert_string_equal(logged(true, 0), "tool: E\n");
	assert_string_equal(logged(false, 1), "tool: E\ntool: W\ntool: I\n");
	assert_string_equal(logged(false, 2), "tool: E\ntool: W\ntool: I\ntool: D\n");
	vss_log_set_sink(NULL, NULL);
}

/* Last: the failure is remembered until the program ends. */
static void
a_full_stdout_is_told_and_not_forgotten(void **state)
{
	(void)state;
	const char *said;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), saved = dup(STDOUT_FILENO);
	fflush(stdout);
	assert_true(full >= 0 && dup2(full, STDOUT_FILENO) == STDOUT_FILENO);
	printf("result\n");
	int status = finish(VSS_OK, "", &said);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	clearerr(stdout);
	close(full);
	close(saved);
	assert_int_equal(status, 1);
	assert_string_equal(said, "tool: standard output: No space left on device\n");
	assert_int_equal(finish(VSS_PARTIAL, "in part", &said), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_is_what_it_was_called_as),
		cmocka_unit_test(a_message_is_one_clean_line),
		cmocka_unit_test(the_end_has_the_status_of_the_code_and_names_it),
		cmocka_unit_test(quiet_and_verbose_choose_how_much_is_told),
		cmocka_unit_test(a_full_stdout_is_told_and_not_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
