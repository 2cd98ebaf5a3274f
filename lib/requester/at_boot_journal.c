/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/at_boot_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"
#include "json/read.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * JSON lines, for people too: a head with the version and the number of entries, the entries, and an end.  A path that is not
 * UTF-8 is beside itself in base64 (vss_jw_path).
 */
#define VERSION 1
#define LIMIT (256u << 20)
#define LINE_LIMIT (512u << 10)

void
vss_boot_journal_clear(struct vss_boot_journal *j)
{
	for (size_t i = 0; i < j->n; i++) {
		free(j->v[i].target);
		free(j->v[i].place);
	}
	free(j->v);
	free(j->what);
	*j = (struct vss_boot_journal){ 0 };
}

/* --- writing --- */

static int
sink(void *ctx, const char *p, size_t n, struct vss_err *err)
{
	const struct vss_partial *file = ctx;

	return vss_write_all(file->fd, p, n, err);
}

static void
put_entry(struct vss_jw *w, const struct vss_boot_entry *e)
{
	vss_jw_begin_object(w);
	vss_jw_path(w, "target", e->target);
	vss_jw_path(w, "place", e->place);
	vss_jw_member_bool(w, "directory", e->is_dir);
	vss_jw_member_i64(w, "inode", (int64_t)e->inode);
	vss_jw_end_object(w);
}

static int
put_all(struct vss_partial *file, const struct vss_boot_journal *j, struct vss_err *err)
{
	struct vss_jw w;
	char boot[VSS_UUID_TEXT];

	vss_uuid_text(&j->boot, boot);
	vss_jw_init_sink(&w, sink, file, false);
	vss_jw_begin_object(&w);
	vss_jw_member_u64(&w, "version", VERSION);
	vss_jw_path(&w, "what", j->what);
	vss_jw_member_string(&w, "boot", boot);
	vss_jw_member_u64(&w, "entries", j->n);
	vss_jw_end_object(&w);
	for (size_t i = 0; i < j->n; i++)
		put_entry(&w, &j->v[i]);
	vss_jw_begin_object(&w);
	vss_jw_member_bool(&w, "end", true);
	vss_jw_end_object(&w);
	return vss_jw_finish(&w, err);
}

int
vss_boot_journal_write(const char *path, const struct vss_boot_journal *j, struct vss_err *err)
{
	struct vss_partial file = { .fd = -1 };

	if (vss_partial_open(path, false, &file, err) < 0)
		return -1;
	if (put_all(&file, j, err) < 0) {
		vss_partial_abandon(&file);
		return vss_wrap(err, "%s", path);
	}
	return vss_partial_commit(&file, err);
}

/* --- reading --- */

static int
malformed(const char *what, struct vss_err *err)
{
	return vss_fail(err, VSS_CORRUPT, 0, "malformed %s", what);
}

/* What vss_jw_path wrote. */
static char *
take_path(const struct vss_json *v, const char *key)
{
	VSS_AUTOFREE char *exact_key = vss_strf("%s_bytes", key);
	VSS_AUTOBUF struct vss_buf exact = VSS_BUF_INIT;
	const char *base64 = vss_json_str(v, exact_key);

	if (!base64)
		return vss_strdup(vss_json_str(v, key));
	if (vss_base64_decode(&exact, base64, strlen(base64)) < 0 || !exact.len || strlen(exact.data) != exact.len)
		return NULL;
	return vss_buf_take(&exact);
}

static bool
is_plain(const char *path)
{
	return path && path[0] == '/' && vss_path_is_safe_relative(path + 1, strlen(path + 1));
}

/* In a directory of this very stage, and called a number. */
static bool
is_place(const char *place, const char *id)
{
	VSS_AUTOFREE char *dir = is_plain(place) ? vss_path_dir(place) : NULL;
	const char *base = dir ? vss_path_base(place) : "";

	return dir && vss_boot_is_dir(dir, id) && base[strspn(base, "0123456789")] == '\0';
}

static int
take_head(const struct vss_json *v, struct vss_boot_journal *j, uint64_t *entries, struct vss_err *err)
{
	const char *boot = vss_json_str(v, "boot");
	uint64_t version;

	if (vss_json_u64(v, "version", &version) < 0 || version != VERSION)
		return malformed("head: not of a version that this program knows", err);
	j->what = take_path(v, "what");
	if (!j->what || !boot || vss_uuid_parse(boot, &j->boot) < 0 || vss_json_u64(v, "entries", entries) < 0)
		return malformed("head", err);
	return 0;
}

static int
take_entry(const struct vss_json *v, const char *id, struct vss_boot_journal *j, struct vss_err *err)
{
	struct vss_boot_entry e = { .target = take_path(v, "target"), .place = take_path(v, "place") };
	int64_t inode = 0; /* all 64 bits of it */
	bool good = is_plain(e.target) && is_place(e.place, id) && vss_json_bool(v, "directory", &e.is_dir) == 0 &&
		    vss_json_i64(v, "inode", &inode) == 0;

	e.inode = (uint64_t)inode;
	VSS_PUSH(j->v, j->n, j->cap) = e;
	return good ? 0 : malformed("entry", err);
}

struct reading {
	const char *id;
	struct vss_boot_journal *out;
	uint64_t lines, entries;
	bool ended;
};

static int
take_line(struct reading *r, const char *line, size_t n, struct vss_err *err)
{
	struct vss_json *v = n <= LINE_LIMIT ? vss_json_parse(line, n, err) : NULL;
	bool end = false;
	int rc;

	if (!v)
		return malformed("line", err);
	if (r->ended)
		rc = malformed("end: more follows", err);
	else if (r->lines++ == 0)
		rc = take_head(v, r->out, &r->entries, err);
	else if (vss_json_bool(v, "end", &end) < 0)
		rc = take_entry(v, r->id, r->out, err);
	else
		rc = r->out->n == r->entries ? 0 : malformed("end: not as many as the head says", err);
	r->ended = r->ended || end;
	vss_json_free(v);
	return rc;
}

static int
take_lines(const char *text, size_t n, struct reading *r, struct vss_err *err)
{
	while (n > 0) {
		const char *newline = memchr(text, '\n', n);
		size_t length = newline ? (size_t)(newline - text) : n;

		if (take_line(r, text, length, err) < 0)
			return vss_wrap(err, "line %llu", (unsigned long long)r->lines);
		n -= length + (newline != NULL);
		text += length + (newline != NULL);
	}
	return r->ended ? 0 : malformed("end: there is none", err);
}

static int
check_file(int fd, size_t *size, struct vss_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022))
		return vss_fail(err, VSS_DENIED, 0, "not a file that only root or we could have written");
	if (st.st_size > (off_t)LIMIT)
		return malformed("journal: too long", err);
	*size = (size_t)st.st_size;
	return 0;
}

int
vss_boot_journal_read(const char *path, const char *id, struct vss_boot_journal *out, struct vss_err *err)
{
	struct reading r = { .id = id, .out = out };
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t n = 0;

	*out = (struct vss_boot_journal){ 0 };
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	int rc = check_file(fd, &n, err);
	VSS_AUTOFREE char *text = vss_alloc(rc < 0 ? 0 : n);
	if (rc == 0)
		rc = vss_pread_all(fd, text, n, 0, err);
	if (rc == 0)
		rc = take_lines(text, n, &r, err);
	if (rc == 0)
		return 0;
	vss_boot_journal_clear(out);
	return vss_wrap(err, "%s", path);
}
