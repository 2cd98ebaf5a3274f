/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "base/str.h"
#include "os/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool refused;

/* One byte of standard input: 1, 0 at its end, -1 when it cannot be read, or a signal came first. */
static int
next_byte(char *out)
{
	for (;;) {
		struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { vss_interrupt_fd(), POLLIN, 0 } };
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -1;
		if (vss_interrupted())
			return -1;
		if (!fds[0].revents)
			continue;
		ssize_t n = read(STDIN_FILENO, out, 1);
		if (n >= 0 || errno != EINTR)
			return (int)n;
	}
}

/* A line without its end, "" for none; what does not fit is no answer either.  True: it was ended. */
static bool
read_line(char *out, size_t size)
{
	size_t n = 0;
	char c = '\0';
	int got;

	while ((got = next_byte(&c)) > 0 && c != '\n')
		if (n < size - 1)
			out[n++] = c;
	bool fits = n < size - 1 && !memchr(out, 0, n);
	if (n && out[n - 1] == '\r')
		n--;
	out[got < 0 || !fits ? 0 : n] = '\0';
	return got > 0;
}

bool
admin_ask(const char *what)
{
	char answer[16];

	vss_out("Do you really want to %s (Y/N): [N]? ", what);
	if (vss_out_flush() != 0) { /* nobody sees the question */
		refused = true;
		return false;
	}
	if (!read_line(answer, sizeof answer) || !isatty(STDIN_FILENO))
		vss_out("\n"); /* where no terminal has shown one */
	refused = !vss_str_caseeq(answer, "y") && !vss_str_caseeq(answer, "yes");
	if (refused && !vss_interrupted())
		vss_out("\nNothing was done.\n");
	return !refused;
}

bool
admin_was_refused(void)
{
	return refused;
}
