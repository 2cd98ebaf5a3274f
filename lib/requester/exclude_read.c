/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/exclude.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/trust.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#define SUFFIX ".conf"
#define FILE_LIMIT (1u << 20)

/* `line` is cut in place. */
static int
read_line(struct vss_exclude_list *l, char *line, struct vss_err *err)
{
	line += strspn(line, " \t");
	for (size_t n = strlen(line); n && strchr(" \t\r", line[n - 1]); n--)
		line[n - 1] = '\0';
	return *line && *line != '#' ? vss_exclude_add(l, line, err) : 0;
}

static int
read_lines(struct vss_exclude_list *l, char *text, struct vss_err *err)
{
	size_t number = 1;
	char *end;

	for (char *line = text; line; line = end, number++) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (read_line(l, line, err) < 0)
			return vss_wrap(err, "%s:%zu", l->file, number);
	}
	return 0;
}

/* Whoever can write to it could take files out of every backup. */
static int
read_list(struct vss_exclude_lists *out, const char *dir, const char *entry, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_exclude_list *l = &VSS_PUSH(out->v, out->n, out->cap);

	*l = (struct vss_exclude_list){
		.name = vss_strndup(entry, strlen(entry) - strlen(SUFFIX)),
		.file = vss_path_join(dir, entry),
	};
	if (vss_check_trust(l->file, err) < 0 || vss_read_file(l->file, FILE_LIMIT, &text, err) < 0)
		return vss_wrap(err, "list of excludes");
	if (text.len && memchr(text.data, '\0', text.len))
		return vss_fail(err, VSS_INVALID, 0, "%s: has a NUL byte in it", l->file);
	return text.len ? read_lines(l, text.data, err) : 0;
}

static bool
is_known(const struct vss_exclude_lists *l, const char *entry)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(vss_path_base(l->v[i].file), entry) == 0)
			return true;
	return false;
}

static int
names_in(const char *path, struct vss_strv *out, struct vss_err *err)
{
	DIR *d = opendir(path);
	const struct dirent *e;

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	while ((errno = 0, e = readdir(d)))
		if (e->d_name[0] != '.' && vss_str_ends(e->d_name, SUFFIX))
			vss_strv_add(out, e->d_name);
	int failed = errno;
	closedir(d);
	vss_strv_sort(out);
	return failed ? vss_fail(err, VSS_SYSTEM, failed, "%s", path) : 0;
}

static int
read_directory(struct vss_exclude_lists *out, const char *path, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv names = VSS_STRV_INIT;

	if (names_in(path, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (!is_known(out, names.v[i]) && read_list(out, path, names.v[i], err) < 0)
			return -1;
	return 0;
}

int
vss_exclude_read(struct vss_exclude_lists *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT;

	vss_exclude_path(&dirs);
	for (size_t i = 0; i < dirs.n; i++)
		if (read_directory(out, dirs.v[i], err) < 0)
			return -1;
	return 0;
}
