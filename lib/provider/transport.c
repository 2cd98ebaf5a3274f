/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/transport_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/child.h"
#include "os/durable.h"
#include "os/interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURN_MS 200
#define GRACE_MS 2000
#define COMPLAINTS 4096 /* bytes of the end of what it said */

/* -1 when we were interrupted: then it has been ended. */
static int
wait_for(struct vss_child *c, int *status, struct vss_err *err)
{
	for (;;) {
		int r = vss_child_wait(c, vss_now_mono() + TURN_MS * VSS_MS, status, err);
		if (r != 0)
			return r < 0 ? -1 : 0;
		if (vss_check_interrupt(err) < 0) {
			vss_child_end(c, GRACE_MS);
			return -1;
		}
	}
}

static char *
complaint(int fd)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	char end[COMPLAINTS];
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n = pread(fd, end, sizeof end, size > COMPLAINTS ? size - COMPLAINTS : 0);

	if (n > 0)
		vss_buf_add(&text, end, (size_t)n);
	return text.len ? vss_last_line(&text) : NULL;
}

int
vss_transport_run(const char *const *argv, int in, int out, int keep, struct vss_err *err)
{
	const int kept[] = { keep, -1 };
	VSS_AUTOCLOSE int errors = vss_unlinked_file(-1, err);
	const struct vss_child_spec spec = {
		.argv = argv, .search_path = true, .in = in, .out = out, .errfd = errors, .keep = kept
	};
	struct vss_child child = VSS_CHILD_NONE;
	int status;

	if (errors < 0)
		return -1;
	if (vss_child_spawn(&spec, &child, err) < 0) {
		if (err->code == VSS_ABSENT)
			return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: the program is not installed", argv[0]);
		return -1;
	}
	if (wait_for(&child, &status, err) < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	VSS_AUTOFREE char *said = complaint(errors);
	return vss_fail(err, VSS_CORRUPT, 0, "%s failed: %s", argv[0], said ? said : "it does not say why");
}
