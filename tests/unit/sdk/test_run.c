/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdk/vss-writer.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "lib/cm.h"
#include "os/durable.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A writer in a child process; what it says comes back whole.  Its call-backs write what happened to them to a pipe, a word each.
 */
static struct vss_buf said = VSS_BUF_INIT, happened = VSS_BUF_INIT;
static int diary = -1;

static int
note(const char *word)
{
	assert_int_equal(write(diary, word, strlen(word)), (ssize_t)strlen(word));
	return 0;
}

static int
identify(struct vss_sdk *w, void *self)
{
	(void)self;
	vss_sdk_writer(w, "7f3b9a52-0c51-4a36-8f0e-2f1d5c5b9a01", "A \"B\"", "OTHER", NULL);
	return note("identify ");
}

static int
prepare_backup(struct vss_sdk *w, void *self)
{
	(void)self;
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		vss_sdk_evidence(w, vss_sdk_line_word(w, i, 1), "%s", vss_sdk_line_get(w, i, "k"));
	printf("this is no protocol\n");
	fflush(stdout);
	return note("prepare ");
}

static int
freeze(struct vss_sdk *w, void *self)
{
	note("freeze ");
	vss_sdk_hold(w, "files");
	if (self && strcmp(self, "slow") == 0)
		poll(NULL, 0, (int)vss_sdk_window_ms(w) + 20);
	if (self && strcmp(self, "fail") == 0)
		return -1;
	if (self && strcmp(self, "veto") == 0)
		return vss_sdk_veto(w, "RETRYABLE", 3, "not %s", "now");
	return 0;
}

static int
thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	static const char *const words[] = { "thaw:event ", "thaw:abort ", "thaw:deadline ", "thaw:end ",
		"thaw:failed " };

	(void)w;
	(void)self;
	return note(words[reason]);
}

static int
on_abort(struct vss_sdk *w, void *self)
{
	(void)w;
	(void)self;
	return note("abort ");
}

static int
shutdown_(struct vss_sdk *w, void *self)
{
	(void)w;
	(void)self;
	return note("shutdown ");
}

static const struct vss_sdk_ops ops = {
	.identify = identify,
	.prepare_backup = prepare_backup,
	.freeze = freeze,
	.thaw = thaw,
	.abort = on_abort,
	.backup_shutdown = shutdown_,
};

static _Noreturn void
child(int in, int out, int notes, char *self)
{
	diary = notes;
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(99);
	for (int fd = 3; fd < 64; fd++)
		if (fd != notes)
			close(fd);
	_exit(vss_sdk_run(&ops, self));
}

static void
collect(int fd, struct vss_buf *to)
{
	char text[4096];

	vss_buf_reset(to);
	for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;)
		vss_buf_add(to, text, (size_t)n);
	vss_buf_str(to, "");
	close(fd);
}

/* Say `script` to a writer and end its input after `hold_ms`; its exit status. */
static int
converse(const char *script, const char *self, int hold_ms)
{
	int in[2], out[2], notes[2], status;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(pipe(in) | pipe(out) | pipe(notes), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(in[0], out[1], notes[1], self ? vss_strdup(self) : NULL);
	close(in[0]);
	close(out[1]);
	close(notes[1]);
	assert_int_equal(vss_write_all(in[1], script, strlen(script), &err), 0);
	/* Its output ends early when the conversation breaks. */
	poll(&(struct pollfd){ .fd = notes[0] }, 1, hold_ms);
	close(in[1]);
	collect(out[0], &said);
	collect(notes[0], &happened);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
clear(void **state)
{
	(void)state;
	vss_buf_free(&said);
	vss_buf_free(&happened);
	return 0;
}

static void
events_are_answered_in_order_with_what_was_said_before(void **state)
{
	(void)state;
	assert_int_equal(converse("event 1 hello version=1\nend\nevent 2 identify\nend\n"
				  "event 3 prepare-backup\nx \"a b\" k=\"c\\012\"\nend\nevent 4 nonsense\nend\nevent 5 "
				  "bye\nend\n",
				 NULL, 0),
		0);
	assert_string_equal(said.data,
		"ok 1\nwriter 7f3b9a52-0c51-4a36-8f0e-2f1d5c5b9a01 \"A \\\"B\\\"\" usage=OTHER\nok 2\n"
		"evidence \"a b\" \"c\\012\"\nok 3\n"
		"fail 4 VSS_E_WRITERERROR_NONRETRYABLE \"nonsense: this event is not known\"\nok 5\n");
	assert_string_equal(happened.data, "identify prepare abort shutdown ");
}

static void
another_version_is_refused(void **state)
{
	static const char *const scripts[] = { "event 1 hello version=2\nend\n", "event 1 hello version=1.1\nend\n",
		"event 1 hello\nend\n" };

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		assert_int_equal(converse(scripts[i], NULL, 0), 0);
		assert_string_equal(
			said.data, "fail 1 VSS_E_WRITERERROR_NONRETRYABLE \"speaks version 1 of the protocol only\"\n");
	}
}

static void
what_a_later_coordinator_may_say_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(converse("event 1 hello version=1 colour=blue\nand more=words\nend\n"
				  "event 2 sing\nloud\nend\nevent 3 identify deep=yes\nend\n",
				 NULL, 0),
		0);
	assert_string_equal(said.data,
		"ok 1\nfail 2 VSS_E_WRITERERROR_NONRETRYABLE \"sing: this event is not known\"\n"
		"writer 7f3b9a52-0c51-4a36-8f0e-2f1d5c5b9a01 \"A \\\"B\\\"\" usage=OTHER\nok 3\n");
}

/* In the child: a service that speaks on one of its descriptors and keeps the rest. */
static int
identify_as_a_service(struct vss_sdk *w, void *self)
{
	struct sigaction pipe;

	(void)w;
	(void)self;
	if (sigaction(SIGPIPE, NULL, &pipe) != 0 || pipe.sa_handler != SIG_DFL)
		_exit(90);
	return write(STDOUT_FILENO, "mine", 4) == 4 ? 0 : -1;
}

static void
a_service_speaks_on_a_connection_and_keeps_its_descriptors(void **state)
{
	static const struct vss_sdk_ops service = { .identify = identify_as_a_service };
	static const char script[] = "event 1 identify\nend\nevent 2 bye\nend\n";
	int pair[2], out[2], status;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) | pipe(out), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pair[1]);
		if (dup2(out[1], STDOUT_FILENO) < 0)
			_exit(91);
		int r = vss_sdk_run_on(&service, NULL, pair[0]);
		_exit(fcntl(pair[0], F_GETFD) < 0 ? r : 92); /* the connection is closed */
	}
	close(pair[0]);
	close(out[1]);
	assert_int_equal(write(pair[1], script, sizeof script - 1), (ssize_t)sizeof script - 1);
	collect(pair[1], &said);
	collect(out[0], &happened);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_string_equal(said.data, "ok 1\nok 2\n");
	assert_string_equal(happened.data, "mine");
}

static void
every_freeze_is_thawed_once_whatever_ends_it(void **state)
{
	static const struct {
		const char *script, *self, *happened;
	} rows[] = {
		{ "event 1 freeze\nend\nevent 2 thaw\nend\n", NULL, "freeze thaw:event abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 abort\nend\nevent 3 abort\nend\n", NULL,
			"freeze thaw:abort abort shutdown " },
		{ "event 1 freeze\nend\n", NULL, "freeze thaw:end abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 bye\nend\n", NULL, "freeze thaw:end abort shutdown " },
		{ "event 1 freeze\nend\nnonsense \"\n", NULL, "freeze thaw:end abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 abo", NULL, "freeze thaw:end abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 thaw\nend\n", "fail", "freeze thaw:failed abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 thaw\nend\n", "veto", "freeze thaw:event abort shutdown " },
		{ "event 1 freeze timeout-ms=10\nend\nevent 2 thaw\nend\n", "slow",
			"freeze thaw:deadline abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 freeze\nend\n", NULL, "freeze thaw:end abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 identify\nend\nevent 3 thaw\nend\n", NULL,
			"freeze identify thaw:event abort shutdown " },
		{ "event 1 freeze\nend\nevent 2 thaw\nend\nevent 3 post-snapshot\nend\nevent 4 backup-shutdown\nend\n",
			NULL, "freeze thaw:event shutdown " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		converse(rows[i].script, rows[i].self, 0);
		if (strcmp(happened.data, rows[i].happened) != 0)
			fail_msg("row %zu: %s", i, happened.data);
	}
}

static void
a_deadline_that_passes_takes_the_freeze_back(void **state)
{
	(void)state;
	assert_int_equal(converse("event 7 freeze timeout-ms=30\nend\n", NULL, 300), 0);
	assert_string_equal(
		said.data, "ok 7 hold=files\nfail 7 VSS_E_WRITERERROR_TIMEOUT \"thawed by itself at its deadline\"\n");
	assert_string_equal(happened.data, "freeze thaw:deadline abort shutdown ");
}

static void
failures_and_vetoes_carry_code_number_and_words(void **state)
{
	(void)state;
	converse("event 1 freeze\nend\n", "veto", 0);
	assert_string_equal(said.data, "veto 1 RETRYABLE \"not now\" app=3\n");
	converse("event 1 freeze\nend\n", "fail", 0);
	assert_string_equal(said.data, "fail 1 VSS_E_WRITERERROR_NONRETRYABLE \"freeze failed\"\n");
	converse("event 1 freeze timeout-ms=10\nend\nevent 2 thaw\nend\n", "slow", 0);
	assert_non_null(strstr(said.data, "fail 1 VSS_E_WRITERERROR_TIMEOUT "));
	assert_non_null(strstr(said.data, "fail 2 VSS_E_WRITERERROR_"));
}

static void
a_coordinator_that_breaks_the_protocol_ends_the_conversation(void **state)
{
	static const char *const scripts[] = { "hello\n", "event 1\nend\n", "end\n",
		"event 1 hello version=1\nevent 2 identify\nend\n", "event 1 \"hello\n" };

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (converse(scripts[i], NULL, 0) != 1)
			fail_msg("taken: %s", scripts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(events_are_answered_in_order_with_what_was_said_before, clear),
		cmocka_unit_test_teardown(another_version_is_refused, clear),
		cmocka_unit_test_teardown(what_a_later_coordinator_may_say_is_passed_over, clear),
		cmocka_unit_test_teardown(a_service_speaks_on_a_connection_and_keeps_its_descriptors, clear),
		cmocka_unit_test_teardown(every_freeze_is_thawed_once_whatever_ends_it, clear),
		cmocka_unit_test_teardown(a_deadline_that_passes_takes_the_freeze_back, clear),
		cmocka_unit_test_teardown(failures_and_vetoes_carry_code_number_and_words, clear),
		cmocka_unit_test_teardown(a_coordinator_that_breaks_the_protocol_ends_the_conversation, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
