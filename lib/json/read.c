/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/read.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

/* struct vss_json is never defined: it is jansson's value under a name that needs no header of jansson. */
static const json_t *
inner(const struct vss_json *v)
{
	return (const json_t *)v;
}

struct vss_json *
vss_json_parse(const char *text, size_t n, struct vss_err *err)
{
	json_error_t why;
	json_t *doc = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	if (!doc)
		vss_fail(err, VSS_INVALID, 0, "line %d, column %d: %s", why.line, why.column, why.text);
	return (struct vss_json *)doc;
}

static int
read_whole(int fd, size_t max, struct vss_buf *out, struct vss_err *err)
{
	for (;;) {
		vss_buf_reserve(out, 16 * 1024);
		ssize_t n = read(fd, out->data + out->len, 16 * 1024);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "read");
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		if (out->len > max)
			return vss_fail(err, VSS_INVALID, 0, "longer than %zu bytes", max);
	}
}

struct vss_json *
vss_json_load(const char *path, size_t max, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: open", path);
		return NULL;
	}
	struct vss_json *doc = read_whole(fd, max, &text, err) ? NULL : vss_json_parse(text.data, text.len, err);
	if (!doc)
		vss_wrap(err, "%s", path);
	return doc;
}

void
vss_json_free(struct vss_json *doc)
{
	json_decref((json_t *)doc);
}

const struct vss_json *
vss_json_get(const struct vss_json *v, const char *key)
{
	return (const struct vss_json *)json_object_get(inner(v), key);
}

const char *
vss_json_text(const struct vss_json *v)
{
	return json_string_value(inner(v));
}

const char *
vss_json_str(const struct vss_json *v, const char *key)
{
	return vss_json_text(vss_json_get(v, key));
}

int
vss_json_i64(const struct vss_json *v, const char *key, int64_t *out)
{
	const json_t *member = inner(vss_json_get(v, key));
	if (!json_is_integer(member))
		return -1;
	*out = json_integer_value(member);
	return 0;
}

int
vss_json_u64(const struct vss_json *v, const char *key, uint64_t *out)
{
	int64_t value;
	if (vss_json_i64(v, key, &value) || value < 0)
		return -1;
	*out = (uint64_t)value;
	return 0;
}

int
vss_json_bool(const struct vss_json *v, const char *key, bool *out)
{
	const json_t *member = inner(vss_json_get(v, key));
	if (!json_is_boolean(member))
		return -1;
	*out = json_is_true(member);
	return 0;
}

size_t
vss_json_count(const struct vss_json *v)
{
	return json_array_size(inner(v));
}

const struct vss_json *
vss_json_at(const struct vss_json *v, size_t i)
{
	return (const struct vss_json *)json_array_get(inner(v), i);
}

const char *
vss_json_key(const struct vss_json *v, size_t i)
{
	json_t *object = (json_t *)(uintptr_t)inner(v); /* jansson walks objects that it may write to */
	void *at = json_object_iter(object);

	while (at && i-- > 0)
		at = json_object_iter_next(object, at);
	return at ? json_object_iter_key(at) : NULL;
}

bool
vss_json_is_object(const struct vss_json *v)
{
	return json_is_object(inner(v));
}
