/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/path.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

char *
vss_path_join(const char *a, const char *b)
{
	struct vss_buf out = VSS_BUF_INIT;
	vss_buf_str(&out, a);
	b += strspn(b, "/");
	if (*b) {
		while (out.len && out.data[out.len - 1] == '/')
			out.len--;
		if (*a)
			vss_buf_ch(&out, '/');
		vss_buf_str(&out, b);
	}
	return vss_buf_take(&out);
}

/* Take the last element off a clean path without a trailing slash; the root is the empty text here. */
static void
drop_last(struct vss_buf *out)
{
	while (out->len && out->data[out->len - 1] != '/')
		out->len--;
	if (out->len)
		out->len--;
}

static void
add_elements(struct vss_buf *out, const char *path)
{
	while (*(path += strspn(path, "/"))) {
		size_t n = strcspn(path, "/");
		if (n == 2 && memcmp(path, "..", 2) == 0) {
			drop_last(out);
		} else if (n != 1 || *path != '.') {
			vss_buf_ch(out, '/');
			vss_buf_add(out, path, n);
		}
		path += n;
	}
}

char *
vss_path_clean(const char *path, const char *cwd)
{
	struct vss_buf out = VSS_BUF_INIT;
	if (*path != '/')
		add_elements(&out, cwd);
	add_elements(&out, path);
	if (!out.len)
		vss_buf_ch(&out, '/');
	out.data[out.len] = '\0';
	return vss_buf_take(&out);
}

const char *
vss_path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	if (n == 1 && *dir == '/')
		return *path == '/' ? path + 1 : NULL;
	if (strncmp(path, dir, n) != 0)
		return NULL;
	if (!path[n])
		return path + n;
	return path[n] == '/' ? path + n + 1 : NULL;
}

bool
vss_path_is_below(const char *path, const char *dir)
{
	return vss_path_below(path, dir) != NULL;
}

const char *
vss_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

char *
vss_path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return vss_strdup(".");
	return slash == path ? vss_strdup("/") : vss_strndup(path, (size_t)(slash - path));
}

bool
vss_path_is_safe_relative(const char *path, size_t n)
{
	const char *end = path + n;
	if (!n || memchr(path, '\0', n))
		return false;
	for (const char *p = path; p <= end;) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		size_t len = (size_t)((slash ? slash : end) - p);
		bool is_dot = len == 1 && p[0] == '.';
		bool is_dotdot = len == 2 && p[0] == '.' && p[1] == '.';
		if (!len || is_dot || is_dotdot)
			return false;
		p += len + 1;
	}
	return true;
}
