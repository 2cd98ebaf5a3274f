/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counter DIR_A DIR_B...: count for ever: the number goes to DIR_A/counter, then to DIR_B/counter and so on,
 * each synced before the next write begins.  So at every instant each number is that of the first, or the one
 * before it, and none is greater than the one in front of it: a copy in which one is ahead is no instant.
 * counter --read DIR_A DIR_B...: print "ok A B..." and leave with 0, or "inverted A B..." and leave with 1.
 * counter --scribble DIR: write 4 MiB to DIR/counter again and again, never synced: a hot writer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 20 /* digits: the record never changes its size */
#define DIRS_MAX 64

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
compare(char **dirs, int n)
{
	unsigned long long first = read_number(dirs[0]), before = first;
	int inverted = 0;
	char line[DIRS_MAX * (WIDTH + 1) + 1];
	size_t at = 0;

	for (int i = 0; i < n; i++) {
		unsigned long long number = read_number(dirs[i]);
		inverted |= number > before || number + 1 < first;
		before = number;
		at += (size_t)snprintf(line + at, sizeof line - at, " %llu", number);
	}
	printf("%s%s\n", inverted ? "inverted" : "ok", line);
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

static _Noreturn void
count(char **dirs, int n)
{
	int fd[DIRS_MAX];

	for (int i = 0; i < n; i++)
		fd[i] = open_counter(dirs[i], O_WRONLY | O_CREAT);
	for (unsigned long long number = 1;; number++) {
		for (int i = 0; i < n; i++)
			put(fd[i], number, dirs[i]);
		if (number == 1) { /* whoever started us may go on: there is something to copy */
			puts("counting");
			fflush(stdout);
		}
	}
}

int
main(int argc, char **argv)
{
	int read = argc > 1 && strcmp(argv[1], "--read") == 0, n = argc - 1 - read;

	if (argc == 3 && strcmp(argv[1], "--scribble") == 0)
		scribble(argv[2]);
	if (n < 2 || n > DIRS_MAX) {
		fprintf(stderr, "usage: counter [--read] DIR_A DIR_B... | --scribble DIR\n");
		return 2;
	}
	if (read)
		return compare(argv + 2, n);
	count(argv + 1, n);
}
