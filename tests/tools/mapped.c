/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mapped FILE: a file of two pages, mapped for writing.  For each line that is read a number, one more each time, is stored into
 * both pages, without any call, and then said.  Nothing is ever synced here.
 * mapped --read FILE: the number in FILE; leaves with 1 when the pages do not have the same.
 * mapped --hazard FILE: store into a dirty page of FILE and look whether its times tell: "missed" or "seen".
 * mapped --synced FILE: the same, but the page is written out before: "seen".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "mapped: %s: %s\n", what, strerror(errno));
	exit(2);
}

static volatile unsigned long *
map(const char *path, int *fd)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0 || ftruncate(*fd, 2 * PAGE))
		die(path);
	void *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (at == MAP_FAILED)
		die(path);
	return at;
}

static int
count(const char *path)
{
	int fd;
	volatile unsigned long *at = map(path, &fd);
	unsigned long n = 0;

	close(fd);
	for (int c; (c = getchar()) != EOF;) {
		if (c != '\n')
			continue;
		at[0] = at[PAGE / sizeof *at] = ++n;
		printf("%lu\n", n);
		fflush(stdout);
	}
	return 0;
}

static int
read_number(const char *path)
{
	unsigned long first, second;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, &first, sizeof first, 0) != sizeof first ||
		pread(fd, &second, sizeof second, PAGE) != sizeof second)
		die(path);
	close(fd);
	printf("%lu\n", first);
	return first != second;
}

/* Two ticks and more: a time of now is another one than before. */
static void
let_tick(void)
{
	const struct timespec t = { .tv_nsec = 50000000 };
	nanosleep(&t, NULL);
}

static int
look(const char *path, int synced)
{
	struct stat before, after;
	int fd;
	volatile unsigned long *at = map(path, &fd);

	at[0]++; /* dirty from here on */
	let_tick();
	if ((synced && fdatasync(fd)) || fstat(fd, &before))
		die(path);
	at[0]++;
	if (fstat(fd, &after))
		die(path);
	close(fd);
	puts(before.st_ctim.tv_sec == after.st_ctim.tv_sec && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec ? "missed"
													      : "seen");
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2)
		return count(argv[1]);
	if (argc == 3 && strcmp(argv[1], "--read") == 0)
		return read_number(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--hazard") == 0)
		return look(argv[2], 0);
	if (argc == 3 && strcmp(argv[1], "--synced") == 0)
		return look(argv[2], 1);
	fprintf(stderr, "usage: mapped [--read|--hazard|--synced] FILE\n");
	return 2;
}
