/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include "base/mem.h"
#include "base/utf16.h"
#include "cli/out.h"
#include "os/durable.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { WRITE_AT = 65536 };

struct shell_log {
	pthread_mutex_t lock; /* messages come from any thread */
	struct vss_partial file;
	struct vss_buf waiting;
	struct vss_err failed; /* the first time; what came behind it is lost */
	char *path;
};

/* A rename would take the place of a device, too. */
static int
check_place(const char *path, struct vss_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "log %s", path);
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_EXISTS, 0, "log %s: is there, and no regular file", path);
	return 0;
}

static void
write_out(struct shell_log *l)
{
	if (l->failed.code == VSS_OK)
		(void)vss_write_all(l->file.fd, l->waiting.data, l->waiting.len, &l->failed);
	vss_buf_reset(&l->waiting);
}

static void
take(void *ctx, const char *p, size_t n)
{
	struct shell_log *l = ctx;

	pthread_mutex_lock(&l->lock);
	vss_utf16_encode(&l->waiting, p, n);
	if (l->waiting.len >= WRITE_AT)
		write_out(l);
	pthread_mutex_unlock(&l->lock);
}

struct shell_log *
shell_log_open(const char *path, struct vss_err *err)
{
	static const unsigned char mark[] = { 0xff, 0xfe };
	struct vss_partial file;

	if (check_place(path, err) < 0)
		return NULL;
	if (vss_partial_open(path, true, &file, err) < 0) {
		vss_wrap(err, "log");
		return NULL;
	}
	struct shell_log *l = vss_alloc(sizeof *l);
	pthread_mutex_init(&l->lock, NULL);
	l->file = file;
	l->path = vss_strdup(path);
	vss_buf_add(&l->waiting, mark, sizeof mark);
	vss_out_tee(take, l);
	return l;
}

void
shell_log_typed(struct shell_log *l, const char *prompt, const char *line)
{
	if (!l)
		return;
	take(l, prompt, strlen(prompt));
	take(l, line, strlen(line));
	take(l, "\n", 1);
}

int
shell_log_close(struct shell_log *l, struct vss_err *err)
{
	if (!l)
		return 0;
	vss_out_tee(NULL, NULL);
	write_out(l);
	int rc = l->failed.code == VSS_OK ? 0 : -1;
	if (rc == 0)
		rc = vss_partial_commit(&l->file, err);
	else
		*err = l->failed;
	vss_partial_abandon(&l->file);
	if (rc < 0)
		vss_wrap(err, "log %s", l->path);
	vss_buf_free(&l->waiting);
	pthread_mutex_destroy(&l->lock);
	free(l->path);
	free(l);
	return rc;
}
