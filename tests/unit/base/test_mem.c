/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"

#include "lib/cm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
fresh_memory_is_zeroed_and_unique_even_when_empty(void **state)
{
	(void)state;
	char *p = vss_alloc(100), *q = vss_alloc(0), *r = vss_alloc(0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	assert_non_null(q);
	assert_ptr_not_equal(q, r);
	free(p);
	free(q);
	free(r);
}

static void
copies_are_of_their_own(void **state)
{
	(void)state;
	char text[] = "abcdef";
	char *a = vss_strdup(text), *b = vss_strndup(text, 3), *c = vss_strndup(text, 99);
	char *d = vss_memdup("a\0b", 3);
	text[0] = 'X';
	assert_string_equal(a, "abcdef");
	assert_string_equal(b, "abc");
	assert_string_equal(c, "abcdef");
	assert_memory_equal(d, "a\0b", 3);
	assert_null(vss_strdup(NULL));
	assert_null(vss_strndup(NULL, 3));
	free(a);
	free(b);
	free(c);
	free(d);
}

/* How a child that runs `body` ends. */
static int
signal_of(void (*body)(void))
{
	pid_t pid = fork();
	if (pid == 0) {
		body();
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
ask_for_too_much(void)
{
	signal(SIGABRT, SIG_DFL); /* cmocka catches it */
	free(vss_realloc(NULL, SIZE_MAX / 2, 3));
}

static void
an_overflowing_size_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(signal_of(ask_for_too_much), SIGABRT);
}

static char *
keep(bool give)
{
	VSS_AUTOFREE char *s = vss_strdup("kept");
	return give ? vss_take(&s) : NULL;
}

static void
what_is_taken_is_not_freed(void **state)
{
	(void)state;
	char *s = keep(true);
	assert_string_equal(s, "kept");
	free(s);
	assert_null(keep(false)); /* the leak checker of the asan build watches this one */
}

static void
autoclose_closes_unless_taken_and_leaves_errno_alone(void **state)
{
	(void)state;
	int closed, kept;
	{
		VSS_AUTOCLOSE int a = open("/dev/null", O_RDONLY);
		VSS_AUTOCLOSE int b = open("/dev/null", O_RDONLY);
		VSS_AUTOCLOSE int none = -1;
		(void)none;
		closed = a;
		kept = vss_take_fd(&b);
		assert_int_equal(b, -1);
		errno = EXDEV;
	}
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fcntl(closed, F_GETFD), -1);
	assert_int_not_equal(fcntl(kept, F_GETFD), -1);
	close(kept);
}

static void
an_array_grows_as_it_is_pushed_to(void **state)
{
	(void)state;
	int *items = NULL;
	size_t n = 0, cap = 0;
	for (int i = 0; i < 1000; i++)
		VSS_PUSH(items, n, cap) = i;
	assert_int_equal(n, 1000);
	assert_true(cap >= n);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_memory_is_zeroed_and_unique_even_when_empty),
		cmocka_unit_test(copies_are_of_their_own),
		cmocka_unit_test(an_overflowing_size_ends_the_process),
		cmocka_unit_test(what_is_taken_is_not_freed),
		cmocka_unit_test(autoclose_closes_unless_taken_and_leaves_errno_alone),
		cmocka_unit_test(an_array_grows_as_it_is_pushed_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
