/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * One file per registration in <state>/writers, so that sessions of different writers never touch each other's:
 *	writer "Name" state=FAILED_AT_FREEZE error=VSS_E_WRITERERROR_TIMEOUT when=2026-01-31T12:00:00.000Z message="..."
 */
enum { MEMORY_BYTES = 65536 };
#define NO_ERROR_WORD "none"

static void
memory_free(struct vss_writer_memory *m)
{
	free(m->registration);
	free(m->name);
	free(m->message);
}

void
vss_writer_memories_free(struct vss_writer_memories *m)
{
	for (size_t i = 0; i < m->n; i++)
		memory_free(&m->v[i]);
	free(m->v);
	*m = (struct vss_writer_memories){ 0 };
}

static int
take_line(const struct vss_line *l, struct vss_writer_memory *out, struct vss_err *err)
{
	const char *name = vss_line_word(l, 1), *state = vss_line_get(l, "state"), *error = vss_line_get(l, "error");
	const char *when = vss_line_get(l, "when");

	if (!name || !state || !error || !when)
		return vss_fail(err, VSS_INVALID, 0, "not a writer's state");
	int s = vss_writer_state_by_word(state);
	enum vss_code code = vss_code_by_name(error);
	if (s < 0 || (code == VSS_OK && strcmp(error, NO_ERROR_WORD) != 0) ||
		vss_time_parse_rfc3339(when, &out->when_ns) != 0)
		return vss_fail(err, VSS_INVALID, 0, "not a writer's state");
	out->state = (enum vss_writer_state)s;
	out->error = code;
	out->name = vss_strdup(name);
	out->message = vss_strdup(vss_line_get(l, "message"));
	return 0;
}

static int
read_memory(const char *dir, const char *file, struct vss_writer_memory *out, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, file);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_line l = VSS_LINE_INIT;

	if (vss_read_file(path, MEMORY_BYTES, &text, err) != 0)
		return -1;
	size_t n = text.len > 0 && text.data[text.len - 1] == '\n' ? text.len - 1 : text.len;
	int r = vss_line_parse(text.data ? text.data : "", n, &l, err);
	if (r == 0)
		r = take_line(&l, out, err);
	vss_line_clear(&l);
	if (r != 0)
		return vss_wrap(err, "%s", path);
	out->registration = vss_strdup(file);
	return 0;
}

static int
by_registration(const void *a, const void *b)
{
	const struct vss_writer_memory *x = a, *y = b;

	return strcmp(x->registration, y->registration);
}

int
vss_writer_memories_read(struct vss_writer_memories *out, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_state_dir(), "writers");
	DIR *d = opendir(dir);

	*out = (struct vss_writer_memories){ 0 };
	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; (e = readdir(d));) {
		struct vss_err bad = VSS_ERR_INIT;
		struct vss_writer_memory m = { 0 };

		if (e->d_name[0] == '.')
			continue;
		if (read_memory(dir, e->d_name, &m, &bad) == 0)
			VSS_PUSH(out->v, out->n, out->cap) = m;
		else
			vss_warn("%s", bad.text);
	}
	closedir(d);
	if (out->n > 0)
		qsort(out->v, out->n, sizeof *out->v, by_registration);
	return 0;
}

static int
write_memory(const struct vss_writer *w, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_state_path("writers", w->registration, err);
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	const char *error = vss_code_name(w->error);
	char when[40];

	if (!path)
		return -1;
	vss_time_rfc3339(vss_now_wall(), when);
	vss_line_begin(&b, "writer");
	vss_line_add(&b, w->metadata ? w->metadata->name : w->registration);
	vss_line_add_pair(&b, "state", vss_writer_state_name(w->state));
	vss_line_add_pair(&b, "error", error ? error : NO_ERROR_WORD);
	vss_line_add_pair(&b, "when", when);
	if (w->message)
		vss_line_add_pair(&b, "message", w->message);
	vss_line_end(&b);
	return vss_write_file(path, b.data, b.len, 0600, err);
}

/* A writer that is well again at identify no longer shows that it once was not, even when it took no further
 * part. */
static bool
is_outdated(const char *registration)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_state_dir(), "writers");
	struct vss_writer_memory m = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (read_memory(dir, registration, &m, &err) != 0)
		return false;
	bool outdated = m.state == VSS_WS_FAILED_AT_IDENTIFY;
	memory_free(&m);
	return outdated;
}

/* When its application comes back to this machine, its old trouble is another machine's. */
static int
forget(const char *registration, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_state_dir(), "writers");
	VSS_AUTOFREE char *path = vss_path_join(dir, registration);

	if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
		return 0;
	return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

int
vss_writers_remember(struct vss_writers *ws, struct vss_err *err)
{
	int r = 0;

	for (size_t i = ws->shown; i < ws->n; i++)
		if (forget(ws->v[i]->registration, err) != 0)
			r = vss_wrap(err, "writer %s: forget its state", ws->v[i]->registration);
	for (size_t i = 0; i < ws->shown; i++) {
		const struct vss_writer *w = &ws->v[i]->pub;

		/* One that failed and was left out for it took part until then. */
		bool concerned = w->taking_part || !w->metadata || vss_writer_state_is_failed(w->state);
		if (!concerned && !is_outdated(w->registration))
			continue;
		if (write_memory(w, err) != 0)
			r = vss_wrap(err, "writer %s: remember its state", w->registration);
	}
	return r;
}
