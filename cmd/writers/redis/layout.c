/* SPDX-License-Identifier: BSD-2-Clause */
#include "layout.h"

#include "base/mem.h"
#include "wire/line.h"

#include <stdlib.h>
#include <string.h>

void
layout_clear(struct layout *l)
{
	free(l->dir);
	free(l->rdb);
	free(l->aof);
	free(l->aof_dir);
	free(l->nodes);
	*l = (struct layout){ 0 };
}

void
layout_copy(struct layout *to, const struct layout *from)
{
	layout_clear(to);
	*to = (struct layout){
		.dir = vss_strdup(from->dir),
		.rdb = vss_strdup(from->rdb),
		.aof = vss_strdup(from->aof),
		.aof_dir = vss_strdup(from->aof_dir),
		.nodes = vss_strdup(from->nodes),
		.aof_on = from->aof_on,
		.saves = from->saves,
	};
}

/* File specifications have wildcards, and logical paths are cut at backslashes. */
static bool
is_name(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strpbrk(name, "/\\*?");
}

int
layout_check(const struct layout *l, struct vss_err *err)
{
	const char *const names[] = { l->rdb, l->aof, l->aof_dir, l->nodes };

	if (!l->dir || l->dir[0] != '/' || strpbrk(l->dir, "\\*?"))
		return vss_fail(err, VSS_INVALID, 0, "%s: not an absolute directory without backslash, * and ?",
			l->dir ? l->dir : "no directory");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i] && !is_name(names[i]))
			return vss_fail(
				err, VSS_INVALID, 0, "%s: not a name without slash, backslash, * and ?", names[i]);
	return 0;
}

char *
layout_note(const struct layout *l)
{
	struct vss_buf b = VSS_BUF_INIT;

	vss_line_begin(&b, "redis");
	vss_line_add_pair(&b, "dir", l->dir);
	vss_line_add_pair(&b, "rdb", l->rdb);
	vss_line_add_pair(&b, "aof", l->aof);
	vss_line_add_pair(&b, "aof-dir", l->aof_dir);
	if (l->nodes)
		vss_line_add_pair(&b, "nodes", l->nodes);
	vss_line_add_pair(&b, "appendonly", l->aof_on ? "yes" : "no");
	return vss_buf_take(&b);
}

int
layout_from_note(const char *text, struct layout *out, struct vss_err *err)
{
	struct vss_line line = VSS_LINE_INIT;

	if (vss_line_parse(text, strlen(text), &line, err) != 0)
		return -1;
	layout_clear(out);
	*out = (struct layout){
		.dir = vss_strdup(vss_line_get(&line, "dir")),
		.rdb = vss_strdup(vss_line_get(&line, "rdb")),
		.aof = vss_strdup(vss_line_get(&line, "aof")),
		.aof_dir = vss_strdup(vss_line_get(&line, "aof-dir")),
		.nodes = vss_strdup(vss_line_get(&line, "nodes")),
		.aof_on = vss_line_flag(&line, "appendonly", false),
	};
	vss_line_clear(&line);
	if (!out->rdb || !out->aof || !out->aof_dir)
		return vss_fail(err, VSS_INVALID, 0, "names are missing");
	return layout_check(out, err);
}
