/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_SESSION_STAGE_H
#define VSS_TESTS_SESSION_STAGE_H

#include "session/session.h"

#include "base/mem.h"
#include "base/str.h"
#include "lib/box.h"

#include <dirent.h>
#include <sys/wait.h>

/**
 * A machine of its own for each test: two fake volumes a and b with a file each, writers that follow scripts,
 * state and run directories.  Everything lies in the box of the test.
 */
static struct stage {
	char *box, *a, *b;
	struct vss_session *s;
	struct vss_err err;
} stage;

static inline char *
stage_path(const char *name)
{
	return vss_strf("%s/%s", stage.box, name);
}

static inline void
stage_write(const char *name, const char *text)
{
	VSS_AUTOFREE char *path = stage_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

/* The text of a file, of its own; "" when it is not there. */
static inline char *
stage_read(const char *name)
{
	VSS_AUTOFREE char *path = stage_path(name);
	struct vss_buf b = VSS_BUF_INIT;
	FILE *f = fopen(path, "re");
	char part[4096];

	for (size_t n; f && (n = fread(part, 1, sizeof part, f)) > 0;)
		vss_buf_add(&b, part, n);
	if (f)
		fclose(f);
	return vss_buf_take(&b);
}

static inline void
stage_dir(const char *name)
{
	VSS_AUTOFREE char *path = stage_path(name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static inline void
stage_env(const char *key, const char *name)
{
	VSS_AUTOFREE char *path = stage_path(name);
	setenv(key, path, 1);
}

static inline int
stage_set(void **state)
{
	umask(022);
	unsetenv("VSS_FAKE_FAULTS");
	unsetenv("VSS_STOP_AT");
	if (box_make(state) < 0)
		return -1;
	stage = (struct stage){ .box = realpath(*state, NULL) };
	stage_dir("a");
	stage_dir("b");
	stage_dir("writers.d");
	stage.a = stage_path("a");
	stage.b = stage_path("b");
	stage_write("a/file", "in a\n");
	stage_write("b/file", "in b\n");
	stage_env("VSS_WRITERS_PATH", "writers.d");
	stage_env("VSS_STATE_DIR", "state");
	stage_env("VSS_RUN_DIR", "run");
	VSS_AUTOFREE char *volumes = vss_strf("%s:%s", stage.a, stage.b);
	setenv("VSS_FAKE_VOLUMES", volumes, 1);
	return 0;
}

static inline int
stage_clear(void **state)
{
	vss_session_free(stage.s);
	unsetenv("VSS_FAKE_FAULTS");
	free(stage.a);
	free(stage.b);
	free(stage.box);
	stage = (struct stage){ 0 };
	return box_drop(state);
}

#define STAGE_TEST(f) cmocka_unit_test_setup_teardown(f, stage_set, stage_clear)
#define assert_done(call)                                                                                              \
	do {                                                                                                           \
		if ((call) < 0)                                                                                        \
			fail_msg("%s: %s", #call, stage.err.text);                                                     \
	} while (0)

/* --- Writers --- */

/*
 * A writer NAME with one component "data" in directory a, told what to do by `rules`; `more` goes into its
 * registration.
 */
static inline void
stage_writer(const char *name, const char *rules, const char *more)
{
	VSS_AUTOFREE char *file = vss_strf("%s.script", name), *registration = vss_strf("writers.d/%s.writer", name);
	VSS_AUTOFREE char *script = stage_path(file), *log = stage_path("log"),
			  *seed = vss_strf("test writer %s", name);
	struct vss_uuid u;
	char id[VSS_UUID_TEXT];

	vss_uuid_of_bytes(&u, seed, strlen(seed));
	vss_uuid_text(&u, id);
	VSS_AUTOFREE char *text = vss_strf("writer %s \"%s\" usage=USER_DATA source=OTHER\n"
					   "restore-method RESTORE_IF_CAN_REPLACE writer-restore=always\n"
					   "component filegroup \"\" data selectable=yes\n"
					   "file \"\" data %s * recursive=yes\n"
					   "hold files\nlog %s\n%s\n",
		id, name, stage.a, log, rules);
	VSS_AUTOFREE char *body =
		vss_strf("[Writer]\nExec=" VSS_BUILD_DIR "/bin/vss-test-writer %s\n%s\n", script, more);

	stage_write(file, text);
	stage_write(registration, body);
}

/* A writer of one page of shell that writes down every line that it gets, in the file "recorded", and answers ok. */
static inline void
stage_recorder(const char *name)
{
	VSS_AUTOFREE char *file = vss_strf("%s.sh", name), *registration = vss_strf("writers.d/%s.writer", name);
	VSS_AUTOFREE char *program = stage_path(file), *to = stage_path("recorded");
	VSS_AUTOFREE char *text = vss_strf(
		"#!/bin/sh\n"
		"while IFS= read -r line; do\n"
		"	printf '%%s\\n' \"$line\" >>%s\n"
		"	case $line in\n"
		"	event*) seq=${line#event }; event=${seq#* }; seq=${seq%%%% *}; event=${event%%%% *} ;;\n"
		"	end) case $event in\n"
		"		identify) cat <<-END ;;\n"
		"			writer 3c6f0f0e-6d1f-4f0e-9a52-5a1d0a2b7c11 %s usage=USER_DATA source=OTHER\n"
		"			restore-method RESTORE_IF_CAN_REPLACE writer-restore=always\n"
		"			component filegroup \"\" data selectable=yes\n"
		"			file \"\" data %s * recursive=yes\n"
		"			END\n"
		"		esac\n"
		"		[ \"$event\" = freeze ] && echo ok \"$seq\" hold=files || echo ok \"$seq\" ;;\n"
		"	esac\n"
		"done\n",
		to, name, stage.a);
	VSS_AUTOFREE char *body = vss_strf("[Writer]\nExec=%s\n", program);

	stage_write(file, text);
	assert_int_equal(chmod(program, 0755), 0);
	stage_write(registration, body);
}

/* The lines that the recorder got with `event`, without the first and the last one; the caller frees it. */
static inline char *
stage_recorded(const char *event)
{
	VSS_AUTOFREE char *all = stage_read("recorded");
	struct vss_buf out = VSS_BUF_INIT;
	bool in = false;

	vss_buf_str(&out, "");
	for (char *at = all, *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		if (vss_str_starts(at, "event ")) {
			const char *name = strchr(at + 6, ' ');
			in = name && strcspn(name + 1, " ") == strlen(event) && vss_str_starts(name + 1, event);
		} else if (strcmp(at, "end") == 0) {
			in = false;
		} else if (in) {
			vss_buf_fmt(&out, "%s\n", at);
		}
	}
	return vss_buf_take(&out);
}

static inline bool
stage_log_has(const char *text)
{
	VSS_AUTOFREE char *log = stage_read("log");
	return strstr(log, text) != NULL;
}

/* How often a line of the writers' log begins with `event`. */
static inline unsigned
stage_count(const char *event)
{
	VSS_AUTOFREE char *log = stage_read("log");
	unsigned n = 0;

	for (char *at = log; *at; at += strcspn(at, "\n"), at += *at == '\n')
		n += strncmp(at, event, strlen(event)) == 0 && at[strlen(event)] == ' ';
	return n;
}

static inline struct vss_writer *
stage_find_writer(const char *registration)
{
	struct vss_writers *ws = vss_session_writers(stage.s);

	for (size_t i = 0; ws && i < vss_writers_count(ws); i++)
		if (strcmp(vss_writers_at(ws, i)->registration, registration) == 0)
			return vss_writers_at(ws, i);
	fail_msg("no writer %s", registration);
	return NULL;
}

static inline const struct vss_set_writer *
stage_result(const char *name)
{
	const struct vss_set *set = vss_session_set(stage.s);

	for (size_t i = 0; set && i < set->nwriters; i++)
		if (strcmp(set->writers[i].name, name) == 0)
			return &set->writers[i];
	fail_msg("no result of writer %s", name);
	return NULL;
}

/* --- Sessions --- */

static inline void
stage_new(const struct vss_session_options *o)
{
	stage.s = vss_session_new(o, &stage.err);
	if (!stage.s)
		fail_msg("%s", stage.err.text);
}

static inline int
stage_add_volume(const char *path)
{
	struct vss_volume *v = vss_volume_of(path, &stage.err);
	if (!v)
		return -1;
	int rc = vss_session_add_to_snapshot_set(stage.s, v, NULL, NULL, true, &stage.err);
	vss_volume_free(v);
	return rc;
}

/* Gather, take every component of every writer, both volumes. */
static inline int
stage_begin(bool named)
{
	if (vss_session_gather_writer_metadata(stage.s, &stage.err) < 0)
		return -1;
	struct vss_writers *ws = vss_session_writers(stage.s);
	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		struct vss_writer *w = vss_writers_at(ws, i);
		for (size_t k = 0; w->metadata && k < w->metadata->ncomponents; k++)
			if (vss_session_add_component(stage.s, w, &w->metadata->components[k], named, &stage.err) < 0)
				return -1;
	}
	if (vss_session_start_snapshot_set(stage.s, 0, &stage.err) < 0 || stage_add_volume(stage.a) < 0)
		return -1;
	return stage_add_volume(stage.b);
}

static inline int
stage_create(bool named)
{
	if (stage_begin(named) < 0 || vss_session_prepare_for_backup(stage.s, &stage.err) < 0)
		return -1;
	return vss_session_do_snapshot_set(stage.s, &stage.err);
}

static inline void
stage_end(void)
{
	vss_session_free(stage.s);
	stage.s = NULL;
}

/* --- What is left --- */

/* Entries of a directory, but for names that begin with a dot; 0 when it is not there. */
static inline unsigned
stage_entries(const char *name)
{
	VSS_AUTOFREE char *path = stage_path(name);
	DIR *d = opendir(path);
	unsigned n = 0;

	for (struct dirent *e; d && (e = readdir(d));)
		n += *e->d_name != '.';
	if (d)
		closedir(d);
	return n;
}

static inline bool
stage_has(const char *name)
{
	VSS_AUTOFREE char *path = stage_path(name);
	return access(path, F_OK) == 0;
}

static inline void
assert_nothing_left(void)
{
	if (stage_has("a/.vss-shadows") || stage_has("b/.vss-shadows"))
		fail_msg("shadow storage is left");
	assert_int_equal(stage_entries("run/shadows"), 0);
	assert_int_equal(stage_entries("run/owners"), 0);
	assert_int_equal(stage_entries("state/sets"), 0);
}

#endif
