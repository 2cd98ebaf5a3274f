/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/content_internal.h"

#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (256 << 10)

/* Where the next data begins, `size` when there is none; a file system that knows no holes has data everywhere. */
static uint64_t
next_data(int fd, uint64_t at, uint64_t size)
{
	off_t data = lseek(fd, (off_t)at, SEEK_DATA);
	if (data >= 0)
		return (uint64_t)data < size ? (uint64_t)data : size;
	return errno == ENXIO ? size : at;
}

int
vss_content_differs(int a, int b, uint64_t size, struct vss_err *err)
{
	VSS_AUTOFREE char *x = vss_alloc(CHUNK);
	VSS_AUTOFREE char *y = vss_alloc(CHUNK);
	for (uint64_t at = 0; at < size;) {
		uint64_t da = next_data(a, at, size), db = next_data(b, at, size);
		at = da < db ? da : db;
		size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
		if (vss_pread_all(a, x, n, (off_t)at, err) < 0 || vss_pread_all(b, y, n, (off_t)at, err) < 0)
			return -1;
		if (memcmp(x, y, n) != 0)
			return 1;
		at += n;
	}
	return 0;
}
