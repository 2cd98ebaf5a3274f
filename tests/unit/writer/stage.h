/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_WRITER_STAGE_H
#define VSS_TESTS_WRITER_STAGE_H

#include "writer/host.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "lib/cm.h"
#include "os/child.h"
#include "os/durable.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * A directory with registrations of its own and writers that follow scripts: what the tests of the host have in common.
 */
static char *stage_dir;
static struct vss_writers *stage_writers;
static struct vss_err stage_err;

static inline char *
stage_path(const char *name)
{
	return vss_path_join(stage_dir, name);
}

static inline void
stage_write(const char *name, const char *text)
{
	VSS_AUTOFREE char *path = stage_path(name);

	assert_int_equal(vss_write_file(path, text, strlen(text), 0644, &stage_err), 0);
}

/* The text of a file of the stage; "" when it is not there. */
static inline char *
stage_read(const char *name)
{
	VSS_AUTOFREE char *path = stage_path(name);
	struct vss_buf b = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	(void)vss_read_file(path, 1 << 24, &b, &err);
	return vss_buf_take(&b);
}

static inline bool
stage_log_has(const char *text)
{
	VSS_AUTOFREE char *log = stage_read("log");

	return strstr(log, text) != NULL;
}

static inline int
stage_set(void **state)
{
	(void)state;
	umask(022);
	stage_err = (struct vss_err)VSS_ERR_INIT;
	stage_dir = mkdtemp(vss_strdup("/tmp/vss-unit-writer-XXXXXX"));
	assert_non_null(stage_dir);
	VSS_AUTOFREE char *writers = stage_path("writers.d"), *where = stage_path("state");
	assert_int_equal(mkdir(writers, 0755), 0);
	setenv("VSS_WRITERS_PATH", writers, 1);
	setenv("VSS_STATE_DIR", where, 1);
	return 0;
}

static inline int
stage_clear(void **state)
{
	(void)state;
	vss_writers_end(stage_writers);
	stage_writers = NULL;
	const char *const rm[] = { "rm", "-rf", stage_dir, NULL };
	struct vss_child c;
	int status;
	if (vss_child_spawn(
		    &(struct vss_child_spec){ .argv = rm, .search_path = true, .in = -1, .out = -1, .errfd = -1 }, &c,
		    &stage_err) == 0)
		vss_child_wait(&c, INT64_MAX, &status, &stage_err);
	free(stage_dir);
	return 0;
}

/* A registration NAME that runs `exec`, with more lines behind it. */
static inline void
stage_register(const char *name, const char *exec, const char *more)
{
	VSS_AUTOFREE char *file = vss_strf("writers.d/%s.writer", name);
	VSS_AUTOFREE char *text = vss_strf("[Writer]\nExec=%s\n%s\n", exec, more);

	stage_write(file, text);
}

#define STAGE_IDENTITY                                                                                                 \
	"writer 7f3b9a52-0c51-4a36-8f0e-2f1d5c5b9a01 \"Stage Writer\" usage=USER_DATA source=OTHER\n"                  \
	"restore-method RESTORE_IF_NOT_THERE writer-restore=never\n"                                                   \
	"component filegroup \"\" files selectable=yes\n"                                                              \
	"file \"\" files /srv/stage * recursive=yes\n"                                                                 \
	"hold files\n"

/* A writer that follows a script: the usual identity, the log of the stage, and `rules`. */
static inline void
stage_script(const char *name, const char *rules, const char *more)
{
	VSS_AUTOFREE char *file = vss_strf("%s.script", name);
	VSS_AUTOFREE char *script = stage_path(file), *log = stage_path("log"), *counts = stage_path("counts");
	VSS_AUTOFREE char *text = vss_strf(STAGE_IDENTITY "log %s\ncounts %s\n%s\n", log, counts, rules);
	VSS_AUTOFREE char *exec = vss_strf(VSS_BUILD_DIR "/bin/vss-test-writer %s", script);

	stage_write(file, text);
	stage_register(name, exec, more);
}

static inline struct vss_writer *
stage_start(void)
{
	stage_writers = vss_writers_start(&(struct vss_writers_options){ 0 }, &stage_err);
	if (!stage_writers)
		fail_msg("%s", stage_err.text);
	for (size_t i = 0; i < vss_writers_count(stage_writers); i++)
		vss_writers_at(stage_writers, i)->taking_part = true;
	return vss_writers_count(stage_writers) > 0 ? vss_writers_at(stage_writers, 0) : NULL;
}

static inline void
stage_raise(enum vss_event event)
{
	const struct vss_writers_event e = { .event = event, .timeout_ms = event == VSS_EVENT_FREEZE ? 0 : 5000 };

	assert_int_equal(vss_writers_raise(stage_writers, &e, &stage_err), 0);
}

static inline void
stage_raise_until(enum vss_event last)
{
	for (enum vss_event e = VSS_EVENT_PREPARE_BACKUP; e <= last; e++)
		if (e != VSS_EVENT_ABORT)
			stage_raise(e);
}

#endif
