/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/revert.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/trust.h"
#include "os/volume.h"
#include "requester/requester.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#define SUFFIX ".conf"
#define FILE_LIMIT (1u << 20)

static void
add_lines(char *text, struct vss_strv *out)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		line += strspn(line, " \t");
		for (size_t n = strlen(line); n && strchr(" \t\r", line[n - 1]); n--)
			line[n - 1] = '\0';
		if (*line && *line != '#')
			vss_strv_add(out, line);
	}
}

static int
read_list(const char *dir, const char *entry, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *path = vss_path_join(dir, entry);

	if (vss_check_trust(path, err) < 0 || vss_read_file(path, FILE_LIMIT, &text, err) < 0)
		return vss_wrap(err, "list of writers that block a revert");
	if (text.len)
		add_lines(text.data, out);
	return 0;
}

static int
read_directory(const char *path, struct vss_strv *out, struct vss_err *err)
{
	DIR *d = opendir(path);
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	for (struct dirent *e; rc == 0 && (e = readdir(d));)
		if (*e->d_name != '.' && vss_str_ends(e->d_name, SUFFIX))
			rc = read_list(path, e->d_name, out, err);
	closedir(d);
	return rc;
}

static bool
is_listed(const struct vss_strv *list, const struct vss_writer_report *r)
{
	char id[VSS_UUID_TEXT] = "";

	if (r->metadata)
		vss_uuid_text(&r->metadata->writer_id, id);
	for (size_t i = 0; i < list->n; i++) {
		struct vss_uuid asked;
		if (vss_str_caseeq(list->v[i], r->registration) ||
			(r->metadata && vss_str_caseeq(list->v[i], r->metadata->name)))
			return true;
		if (r->metadata && vss_uuid_parse(list->v[i], &asked) == 0 &&
			vss_uuid_eq(&asked, &r->metadata->writer_id))
			return true;
	}
	return false;
}

static bool
lies_on(const char *dir, const char *volume_id)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_volume *v = dir ? vss_volume_near(dir, &ignored) : NULL;
	bool there = v && vss_str_caseeq(v->id, volume_id);

	vss_volume_free(v);
	return there;
}

static bool
has_component_on(const struct vss_metadata *m, const char *volume_id)
{
	for (size_t i = 0; i < m->ncomponents; i++)
		for (size_t k = 0; k < m->components[i].nfiles; k++)
			if (lies_on(m->components[i].files[k].path, volume_id))
				return true;
	return false;
}

static int
check_writer(const struct vss_writer_report *r, const struct vss_shadow *s, struct vss_err *err)
{
	if (r->absent)
		return 0;
	if (!r->metadata)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": it may block putting volumes back, and does not say what it has",
			r->registration);
	if (!has_component_on(r->metadata, s->volume_id))
		return 0;
	return vss_fail(err, VSS_GRADE, 0,
		"%s: writer \"%s\" has components there and blocks putting volumes back (block-revert.d)", s->volume,
		r->metadata->name);
}

int
vss_check_blocked_revert(const struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT, list = VSS_STRV_INIT;
	struct vss_writer_reports writers = { 0 };
	int rc = 0;

	vss_block_revert_path(&dirs);
	for (size_t i = 0; i < dirs.n; i++)
		if (read_directory(dirs.v[i], &list, err) < 0)
			return -1;
	if (!list.n)
		return 0;
	if (vss_list_writers(&writers, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < writers.n; i++)
		if (is_listed(&list, &writers.v[i]))
			rc = check_writer(&writers.v[i], s, err);
	vss_writer_reports_free(&writers);
	return rc;
}
