/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/child.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/durable.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAIL 65536	    /* what a caller gets of the output */
#define TOO_MUCH (16 << 20) /* it lies in memory */
#define TURN (100 * VSS_MS) /* between two looks at how much that is */

static int
output_size(int fd, off_t *out, struct vss_err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "output");
	*out = st.st_size;
	return 0;
}

/* 0 and its exit status, or -1 while it may still run. */
static int
wait_for(struct vss_child *c, const char *name, int fd, int64_t deadline, struct vss_err *err)
{
	int status;
	off_t size = 0;
	for (;;) {
		int64_t turn = vss_now_mono() + TURN;
		int ended = vss_child_wait(c, turn < deadline ? turn : deadline, &status, err);
		if (ended < 0 || output_size(fd, &size, err) < 0)
			return -1;
		if (size > TOO_MUCH)
			return vss_fail(err, VSS_INVALID, 0, "%s: printed more than %d bytes", name, TOO_MUCH);
		if (ended > 0)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "%s: did not end in time", name);
	}
}

static int
read_tail(int fd, struct vss_buf *text, struct vss_err *err)
{
	off_t size = 0;
	if (output_size(fd, &size, err) < 0)
		return -1;
	size_t n = size > TAIL ? TAIL : (size_t)size;
	vss_buf_reserve(text, n + 1);
	if (vss_pread_all(fd, text->data + text->len, n, size - (off_t)n, err) < 0)
		return -1;
	text->len += n;
	text->data[text->len] = '\0';
	return 0;
}

int
vss_run_leaving(const char *const *argv, int timeout_ms, struct vss_buf *text, struct vss_err *err)
{
	struct vss_child c = VSS_CHILD_NONE;
	VSS_AUTOCLOSE int fd = memfd_create("output", MFD_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: output", argv[0]);
	const struct vss_child_spec spec = { .argv = argv, .search_path = true, .in = -1, .out = fd, .errfd = fd };
	if (vss_child_spawn(&spec, &c, err) < 0)
		return -1;
	int status = wait_for(&c, argv[0], fd, vss_now_mono() + timeout_ms * VSS_MS, err);
	vss_child_end(&c, 0);
	return status < 0 || read_tail(fd, text, err) < 0 ? -1 : status;
}
