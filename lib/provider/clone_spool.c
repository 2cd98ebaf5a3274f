/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEP ((size_t)256 << 10)
#define MEMORY_SHARE 4 /* of what is available */

/* The number behind `key` in a text of lines; UINT64_MAX when there is none. */
static uint64_t
number_after(const char *text, const char *key)
{
	const char *at = text ? strstr(text, key) : NULL;
	return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

static uint64_t
read_number(const char *path, const char *key)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_read_file_at(AT_FDCWD, path, 65536, &text, &err) || text.len == 0 || vss_str_starts(text.data, "max"))
		return UINT64_MAX;
	return number_after(text.data, key);
}

/* What our cgroup may take more; what lies above it in the tree is the machine's business to set no higher. */
static uint64_t
left_in_cgroup(void)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_read_file_at(AT_FDCWD, "/proc/self/cgroup", 65536, &text, &err) || text.len == 0)
		return UINT64_MAX;
	char *path = strstr(text.data, "0::/");
	if (!path)
		return UINT64_MAX;
	path += strlen("0::");
	path[strcspn(path, "\n")] = '\0';
	VSS_AUTOFREE char *max = vss_strf("/sys/fs/cgroup%s/memory.max", path);
	VSS_AUTOFREE char *now = vss_strf("/sys/fs/cgroup%s/memory.current", path);
	uint64_t limit = read_number(max, ""), used = read_number(now, "");
	if (limit == UINT64_MAX || used == UINT64_MAX)
		return UINT64_MAX;
	return used < limit ? limit - used : 0;
}

uint64_t
vss_clone_memory(void)
{
	uint64_t kib = read_number("/proc/meminfo", "MemAvailable:"), cgroup = left_in_cgroup();
	uint64_t machine = kib == UINT64_MAX ? 0 : kib * 1024;

	return cgroup < machine ? cgroup : machine;
}

int
vss_clone_spool_open(struct vss_clone_spool *s, int storefd, struct vss_err *err)
{
	uint64_t share = vss_clone_memory() / MEMORY_SHARE;

	*s = (struct vss_clone_spool){ .max = share < VSS_CLONE_MEMORY_MAX ? share : VSS_CLONE_MEMORY_MAX };
	if (storefd >= 0) {
		s->max = UINT64_MAX;
		s->fd = openat(storefd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	} else {
		s->fd = memfd_create("vss-clone", MFD_CLOEXEC);
	}
	return s->fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "a place for what changes last") : 0;
}

static int
write_all(int fd, const char *data, size_t n, uint64_t at, struct vss_err *err)
{
	while (n > 0) {
		ssize_t put = pwrite(fd, data, n, (off_t)at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "write");
		data += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return 0;
}

/* `len` bytes of `in` from `from` go to `to` in `out`. */
static int
transfer(int in, uint64_t from, int out, uint64_t to, uint64_t len, struct vss_err *err)
{
	const size_t step = len < STEP ? (size_t)len : STEP;
	VSS_AUTOFREE char *buffer = vss_alloc(step);

	while (len > 0) {
		ssize_t got = pread(in, buffer, len < step ? (size_t)len : step, (off_t)from);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return vss_fail(err, VSS_BUSY, errno, "read");
		if (got == 0)
			return vss_fail(err, VSS_CORRUPT, 0, "ends before its size");
		if (write_all(out, buffer, (size_t)got, to, err))
			return -1;
		from += (uint64_t)got;
		to += (uint64_t)got;
		len -= (uint64_t)got;
	}
	return 0;
}

int
vss_clone_spool_add(struct vss_clone_spool *s, int fd, uint64_t at, uint64_t len, uint64_t *where, struct vss_err *err)
{
	char most[32];

	if (len > s->max - s->len) {
		vss_format_size(most, s->max);
		return vss_fail(err, VSS_NOSPACE, 0,
			"more changes at the end than the %s that may be kept in memory: put clone storage on another "
			"disk "
			"(--storage DIR)",
			most);
	}
	*where = s->len;
	if (transfer(fd, at, s->fd, s->len, len, err))
		return -1;
	s->len += len;
	return 0;
}

int
vss_clone_spool_get(const struct vss_clone_spool *s, const struct vss_clone_piece *p, int fd, struct vss_err *err)
{
	return transfer(s->fd, p->where, fd, p->at, p->len, err);
}

void
vss_clone_spool_close(struct vss_clone_spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
