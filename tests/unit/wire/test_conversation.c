/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/conversation.h"

#include "base/mem.h"
#include "wire/line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct vss_conversation c;
static int peer; /* the other end, blocking */
static struct vss_err err;

static int
start(void **state)
{
	int pair[2];

	(void)state;
	err = (struct vss_err)VSS_ERR_INIT;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	peer = pair[1];
	vss_conversation_init(&c, pair[0], pair[0]);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	vss_conversation_close(&c);
	if (peer >= 0)
		close(peer);
	return 0;
}

static void
say(const char *text)
{
	assert_int_equal(write(peer, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(vss_conversation_fill(&c, &err), 0);
}

static void
expect_line(const char *text)
{
	const char *line;
	size_t n;

	assert_int_equal(vss_conversation_next(&c, &line, &n, &err), 1);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(line, text, n);
}

static int
next(void)
{
	const char *line;
	size_t n;

	return vss_conversation_next(&c, &line, &n, &err);
}

static void
lines_come_whole_however_they_arrive(void **state)
{
	(void)state;
	say("one\ntw");
	expect_line("one");
	assert_int_equal(next(), 0);
	say("o\n\nthree");
	expect_line("two");
	expect_line("");
	assert_int_equal(next(), 0);
	say("\n");
	expect_line("three");
	assert_int_equal(next(), 0);
}

static void
nothing_there_is_not_an_error_and_does_not_wait(void **state)
{
	(void)state;
	assert_int_equal(vss_conversation_fill(&c, &err), 0);
	assert_false(c.ended);
	assert_int_equal(next(), 0);
}

static void
the_end_is_seen_behind_the_last_line(void **state)
{
	(void)state;
	say("last\n");
	close(peer);
	peer = -1;
	assert_int_equal(vss_conversation_fill(&c, &err), 0);
	assert_true(c.ended);
	expect_line("last");
	assert_int_equal(next(), 0);
}

static void
a_last_line_without_its_end_is_a_breach(void **state)
{
	(void)state;
	say("cut of");
	close(peer);
	peer = -1;
	assert_int_equal(vss_conversation_fill(&c, &err), 0);
	assert_int_equal(next(), -1);
	assert_int_equal(err.code, VSS_PROTOCOL);
}

/* Say `text` again and again until next() is not 1 any more; how often it was. */
static size_t
flood(const char *text, int *last)
{
	size_t taken = 0;

	for (*last = 1; *last >= 0; taken++) {
		say(text);
		while ((*last = next()) == 1)
			;
	}
	return taken;
}

static void
an_event_has_only_so_many_bytes_until_the_next_restart(void **state)
{
	enum { N = 60000 };
	char *text = vss_alloc(N + 1);
	int last;

	(void)state;
	memset(text, 'x', N - 1);
	text[N - 1] = '\n';
	assert_int_equal(flood(text, &last), VSS_CONVERSATION_BYTES / N + 1);
	assert_int_equal(err.code, VSS_PROTOCOL);
	vss_conversation_restart(&c);
	say(text);
	assert_int_equal(next(), 1);
	free(text);
}

static void
an_event_has_only_so_many_lines(void **state)
{
	enum { N = 50000 };
	char *text = vss_alloc(N + 1);
	int last;

	(void)state;
	memset(text, '\n', N);
	assert_int_equal(flood(text, &last), VSS_CONVERSATION_LINES / N + 1);
	assert_int_equal(err.code, VSS_PROTOCOL);
	free(text);
}

static void
a_line_that_does_not_end_is_stopped(void **state)
{
	enum { N = 60000 };
	char *text = vss_alloc(N + 1);
	int last;

	(void)state;
	memset(text, 'x', N);
	assert_int_equal(flood(text, &last), VSS_LINE_MAX / N + 1);
	free(text);
}

static void
what_does_not_fit_waits_and_goes_out_later(void **state)
{
	enum { N = 4 << 20 };
	char *got = vss_alloc(N);
	size_t have = 0;
	int rest;

	(void)state;
	for (int i = 0; i < N; i++)
		vss_buf_ch(vss_conversation_queue(&c), (char)('a' + i % 26));
	assert_int_equal(vss_conversation_flush(&c, &err), 1);
	do {
		ssize_t n = recv(peer, got + have, N - have, MSG_DONTWAIT);
		if (n > 0)
			have += (size_t)n;
		rest = vss_conversation_flush(&c, &err);
	} while (rest == 1 || have < N);
	assert_int_equal(rest, 0);
	for (int i = 0; i < N; i++)
		if (got[i] != (char)('a' + i % 26))
			fail_msg("byte %d differs", i);
	free(got);
}

static void
a_peer_that_is_gone_is_an_error_and_no_signal(void **state)
{
	(void)state;
	close(peer);
	peer = -1;
	vss_buf_str(vss_conversation_queue(&c), "hello\n");
	assert_int_equal(vss_conversation_flush(&c, &err), -1);
	assert_int_equal(err.sys, EPIPE);
}

static void
after_hanging_up_the_peer_sees_the_end_and_is_still_heard(void **state)
{
	char byte;

	(void)state;
	vss_conversation_hang_up(&c);
	assert_int_equal(read(peer, &byte, 1), 0);
	say("still here\n");
	expect_line("still here");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_come_whole_however_they_arrive, start, stop),
		cmocka_unit_test_setup_teardown(nothing_there_is_not_an_error_and_does_not_wait, start, stop),
		cmocka_unit_test_setup_teardown(the_end_is_seen_behind_the_last_line, start, stop),
		cmocka_unit_test_setup_teardown(a_last_line_without_its_end_is_a_breach, start, stop),
		cmocka_unit_test_setup_teardown(an_event_has_only_so_many_bytes_until_the_next_restart, start, stop),
		cmocka_unit_test_setup_teardown(an_event_has_only_so_many_lines, start, stop),
		cmocka_unit_test_setup_teardown(a_line_that_does_not_end_is_stopped, start, stop),
		cmocka_unit_test_setup_teardown(what_does_not_fit_waits_and_goes_out_later, start, stop),
		cmocka_unit_test_setup_teardown(a_peer_that_is_gone_is_an_error_and_no_signal, start, stop),
		cmocka_unit_test_setup_teardown(after_hanging_up_the_peer_sees_the_end_and_is_still_heard, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
