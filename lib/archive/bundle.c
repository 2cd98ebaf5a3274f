/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/bundle.h"

#include "base/mem.h"
#include "base/str.h"
#include "os/durable.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void
vss_bundle_clear(struct vss_bundle *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].name);
		vss_buf_free(&b->v[i].data);
	}
	free(b->v);
	*b = (struct vss_bundle)VSS_BUNDLE_INIT;
}

const struct vss_buf *
vss_bundle_find(const struct vss_bundle *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (vss_str_caseeq(b->v[i].name, name))
			return &b->v[i].data;
	return NULL;
}

/* ASCII: other letters would depend on the locale of whoever reads the archive. */
static bool
is_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p < ' ' || *p > '~' || *p == '/' || *p == '\\')
			return false;
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int
check_name(const struct vss_bundle *b, const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *safe = vss_escaped(name);
	VSS_AUTOFREE char *brief = vss_shorten(safe, 80);

	if (!is_name(name))
		return vss_fail(err, VSS_INVALID, 0, "member \"%s\": not the name of a file, in ASCII", brief);
	if (strlen(name) > VSS_BUNDLE_NAME_MAX)
		return vss_fail(err, VSS_INVALID, 0, "member \"%s\": its name is too long", brief);
	if (vss_bundle_find(b, name))
		return vss_fail(err, VSS_INVALID, 0, "member \"%s\": is there twice", brief);
	return b->n < VSS_BUNDLE_MEMBERS_MAX
		       ? 0
		       : vss_fail(err, VSS_INVALID, 0, "more than %d members", VSS_BUNDLE_MEMBERS_MAX);
}

static int
check_size(const struct vss_bundle *b, size_t size, struct vss_err *err)
{
	if (size > VSS_BUNDLE_MEMBER_MAX)
		return vss_fail(err, VSS_INVALID, 0, "longer than %u bytes", VSS_BUNDLE_MEMBER_MAX);
	if (size > VSS_BUNDLE_MAX - b->bytes)
		return vss_fail(err, VSS_INVALID, 0, "all together are longer than %u bytes", VSS_BUNDLE_MAX);
	return 0;
}

int
vss_bundle_add(struct vss_bundle *b, const char *name, struct vss_buf *data, struct vss_err *err)
{
	if (check_name(b, name, err) < 0)
		return -1;
	if (check_size(b, data->len, err) < 0)
		return vss_wrap(err, "member \"%s\"", name);
	VSS_PUSH(b->v, b->n, b->cap) = (struct vss_bundle_member){ .name = vss_strdup(name), .data = *data };
	b->bytes += data->len;
	*data = (struct vss_buf)VSS_BUF_INIT;
	return 0;
}

/* --- writing --- */

static la_ssize_t
append(struct archive *a, void *out, const void *data, size_t n)
{
	(void)a;
	vss_buf_add(out, data, n);
	return (la_ssize_t)n;
}

static int
put_member(struct archive *a, const struct vss_bundle_member *m, int64_t time_s)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, m->name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0600);
	archive_entry_set_size(e, (la_int64_t)m->data.len);
	archive_entry_set_mtime(e, (time_t)time_s, 0);
	int rc = archive_write_header(a, e);
	archive_entry_free(e);
	if (rc != ARCHIVE_OK)
		return -1;
	return archive_write_data(a, m->data.data, m->data.len) == (la_ssize_t)m->data.len ? 0 : -1;
}

int
vss_bundle_format(const struct vss_bundle *b, int64_t time_s, struct vss_buf *out, struct vss_err *err)
{
	struct archive *a = archive_write_new();
	int rc = archive_write_set_format_pax_restricted(a) == ARCHIVE_OK &&
				 archive_write_open(a, out, NULL, append, NULL) == ARCHIVE_OK
			 ? 0
			 : -1;

	for (size_t i = 0; rc == 0 && i < b->n; i++)
		rc = put_member(a, &b->v[i], time_s);
	if (rc == 0 && archive_write_close(a) != ARCHIVE_OK)
		rc = -1;
	if (rc < 0)
		vss_fail(err, VSS_E_UNEXPECTED, 0, "tar archive: %s", archive_error_string(a));
	archive_write_free(a);
	return rc;
}

int
vss_bundle_write(const struct vss_bundle *b, int64_t time_s, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf bytes = VSS_BUF_INIT;
	struct vss_partial p = { .fd = -1 };

	if (vss_bundle_format(b, time_s, &bytes, err) < 0 || vss_partial_open(path, true, &p, err) < 0)
		return -1;
	if (vss_write_all(p.fd, bytes.data, bytes.len, err) == 0)
		return vss_partial_commit(&p, err);
	vss_partial_abandon(&p);
	return vss_wrap(err, "%s", path);
}

/* --- reading --- */

bool
vss_bundle_is(const void *data, size_t n)
{
	const char *bytes = data;

	return (n >= 4 && memcmp(bytes, "MSCF", 4) == 0) || (n >= 512 && memcmp(bytes + 257, "ustar", 5) == 0);
}

static int
refuse(struct archive *a, struct vss_err *err)
{
	const char *why = archive_error_string(a);

	return vss_fail(err, VSS_INVALID, 0, "%s", why ? why : "cannot be read");
}

/* What the header says of the length is not asked: what comes counts. */
static int
read_member(struct archive *a, const struct vss_bundle *b, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOFREE char *chunk = vss_alloc(64 << 10);

	for (;;) {
		la_ssize_t n = archive_read_data(a, chunk, 64 << 10);
		if (n == 0)
			return 0;
		if (n < 0)
			return refuse(a, err);
		vss_buf_add(out, chunk, (size_t)n);
		if (check_size(b, out->len, err) < 0)
			return -1;
	}
}

static bool
is_plain(struct archive_entry *e)
{
	return archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e) && !archive_entry_symlink(e) &&
	       archive_entry_sparse_count(e) == 0;
}

static int
take(struct vss_bundle *b, struct archive *a, struct archive_entry *e, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf data = VSS_BUF_INIT;
	VSS_AUTOFREE char *name = vss_strdup(archive_entry_pathname(e));

	if (!name)
		return vss_fail(err, VSS_INVALID, 0, "a member's name cannot be read");
	if (check_name(b, name, err) < 0)
		return -1;
	if (!is_plain(e))
		return vss_fail(err, VSS_INVALID, 0, "member \"%s\": not a plain file", name);
	if (read_member(a, b, &data, err) < 0)
		return vss_wrap(err, "member \"%s\"", name);
	return vss_bundle_add(b, name, &data, err);
}

static int
take_all(struct vss_bundle *b, struct archive *a, struct vss_err *err)
{
	struct archive_entry *e;
	int rc;

	while ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK || rc == ARCHIVE_WARN)
		if (take(b, a, e, err) < 0)
			return -1;
	if (rc != ARCHIVE_EOF)
		return refuse(a, err);
	return b->n ? 0 : vss_fail(err, VSS_INVALID, 0, "an archive without members");
}

int
vss_bundle_parse(struct vss_bundle *b, const void *data, size_t n, struct vss_err *err)
{
	if (n == 0)
		return vss_fail(err, VSS_INVALID, 0, "empty");
	if (!vss_bundle_is(data, n))
		return vss_fail(err, VSS_INVALID, 0, "neither a tar archive nor a cabinet");
	struct archive *a = archive_read_new();
	int rc = archive_read_support_format_tar(a) == ARCHIVE_OK && archive_read_support_format_cab(a) == ARCHIVE_OK &&
				 archive_read_open_memory(a, data, n) == ARCHIVE_OK
			 ? take_all(b, a, err)
			 : refuse(a, err);

	archive_read_free(a);
	return rc;
}

int
vss_bundle_read(struct vss_bundle *b, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf bytes = VSS_BUF_INIT;

	if (vss_read_file(path, VSS_BUNDLE_MAX, &bytes, err) < 0)
		return -1;
	return vss_bundle_parse(b, bytes.data, bytes.len, err) < 0 ? vss_wrap(err, "%s", path) : 0;
}
