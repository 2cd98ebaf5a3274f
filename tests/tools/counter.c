/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counter DIR_A DIR_B: count for ever: the number goes to DIR_A/counter, then to DIR_B/counter,
 * each synced before the next write begins.  So at every instant b's number is a's or the one
 * before it: a copy in which b is ahead is no instant.
 * counter --read DIR_A DIR_B: print "ok A B" and leave with 0, or "inverted A B" and leave with 1.
 * counter --scribble DIR: write 4 MiB to DIR/counter again and again, never synced: a hot writer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 20 /* digits: the record never changes its size */

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "counter: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int
open_counter(const char *dir, int flags)
{
	int d = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = d < 0 ? -1 : openat(d, "counter", flags | O_CLOEXEC, 0600);

	if (fd < 0)
		die(dir);
	close(d);
	return fd;
}

static unsigned long long
read_number(const char *dir)
{
	char text[WIDTH + 1] = "";
	int fd = open_counter(dir, O_RDONLY);

	if (pread(fd, text, WIDTH, 0) < 0)
		die(dir);
	close(fd);
	return strtoull(text, NULL, 10);
}

static int
compare(const char *a, const char *b)
{
	unsigned long long in_a = read_number(a), in_b = read_number(b);
	int inverted = in_b > in_a;

	printf("%s %llu %llu\n", inverted ? "inverted" : "ok", in_a, in_b);
	return inverted;
}

static void
put(int fd, unsigned long long n, const char *dir)
{
	char text[WIDTH + 2];

	snprintf(text, sizeof text, "%0*llu\n", WIDTH - 1, n);
	if (pwrite(fd, text, WIDTH, 0) != WIDTH || fdatasync(fd))
		die(dir);
}

static _Noreturn void
scribble(const char *dir)
{
	static char block[65536];
	int fd = open_counter(dir, O_WRONLY | O_CREAT);

	for (off_t at = 0;; at = (at + (off_t)sizeof block) % (4 << 20))
		if (pwrite(fd, block, sizeof block, at) != sizeof block)
			die(dir);
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--read") == 0)
		return compare(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "--scribble") == 0)
		scribble(argv[2]);
	if (argc != 3) {
		fprintf(stderr, "usage: counter [--read] DIR_A DIR_B | --scribble DIR\n");
		return 2;
	}
	int a = open_counter(argv[1], O_WRONLY | O_CREAT), b = open_counter(argv[2], O_WRONLY | O_CREAT);
	for (unsigned long long n = 1;; n++) {
		put(a, n, argv[1]);
		put(b, n, argv[2]);
		if (n == 1) { /* whoever started us may go on: there is something to copy */
			puts("counting");
			fflush(stdout);
		}
	}
}
