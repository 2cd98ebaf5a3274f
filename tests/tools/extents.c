/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extents FILE...: for each file a line of its size and of where it has data, as the file system tells: "8192 0-4096 8192-12288".
 * The rest is holes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
complain(const char *path)
{
	fprintf(stderr, "extents: %s: %s\n", path, strerror(errno));
	return 1;
}

static int
show(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END), at = 0;

	if (size < 0)
		return complain(path);
	printf("%lld", (long long)size);
	while (at < size && (at = lseek(fd, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(fd, at, SEEK_HOLE);
		if (end < 0)
			break;
		printf(" %lld-%lld", (long long)at, (long long)end);
		at = end;
	}
	puts("");
	close(fd);
	return at < 0 && errno != ENXIO ? complain(path) : 0; /* ENXIO: no data behind this place */
}

int
main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= show(argv[i]);
	return status;
}
