/* SPDX-License-Identifier: BSD-2-Clause */
#include "places.h"

#include "links.h"
#include "program.h"

#include "base/mem.h"
#include "base/path.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

void
places_clear(struct places *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].dir);
		free(p->v[i].spec);
	}
	free(p->v);
	vss_strv_free(&p->locks);
	*p = (struct places)PLACES_INIT;
}

char *
places_real(const char *path)
{
	char *real = realpath(path, NULL);

	if (real || strcmp(path, "/") == 0)
		return real ? real : vss_strdup(path);
	VSS_AUTOFREE char *above = vss_path_dir(path);
	VSS_AUTOFREE char *real_above = places_real(above);
	return vss_path_join(real_above, vss_path_base(path));
}

static bool
is_covered(const struct places *p, const char *dir, const char *spec)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct place *one = &p->v[i];

		if (one->whole ? vss_path_is_below(dir, one->dir)
			       : strcmp(dir, one->dir) == 0 && fnmatch(one->spec, spec, 0) == 0)
			return true;
	}
	return false;
}

/* Takes `dir` for real. */
static int
add(struct places *p, const char *dir, const char *spec, bool whole, struct vss_err *err)
{
	if (strpbrk(dir, "\\*?"))
		return vss_fail(err, VSS_INVALID, 0, "%s: a backslash, * or ? in the path: rename it", dir);
	if (!is_covered(p, dir, spec))
		VSS_PUSH(p->v, p->n, p->cap) = (struct place){ vss_strdup(dir), vss_strdup(spec), whole };
	return 0;
}

/* A path as a variable has it: below the data directory when it is relative. */
static char *
resolve(const struct settings *s, const char *path)
{
	const char *data = settings_get(s, "datadir");
	VSS_AUTOFREE char *clean = vss_path_clean(path, data ? data : USUAL_DATADIR);

	return places_real(clean);
}

/* Directories that hold others' files too: only those that begin as the server names them. */
static int
add_directories(struct places *p, const struct settings *s, struct vss_err *err)
{
	static const struct {
		const char *key, *spec;
	} known[] = { { "innodb_log_group_home_dir", "ib_logfile*" }, { "innodb_undo_directory", "undo*" },
		{ "aria_log_dir_path", "aria_log*" }, { "innodb_doublewrite_dir", "#ib_*" } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *value = settings_get(s, known[i].key);
		VSS_AUTOFREE char *dir = value ? resolve(s, value) : NULL;

		if (dir && add(p, dir, known[i].spec, false, err) != 0)
			return -1;
	}
	/* MySQL from 8.0.30 on: a directory of its own beside where ib_logfile* were. */
	const char *logs = settings_get(s, "innodb_log_group_home_dir");
	VSS_AUTOFREE char *logs_dir = logs ? resolve(s, logs) : NULL;
	VSS_AUTOFREE char *redo = logs_dir ? vss_path_join(logs_dir, "#innodb_redo") : NULL;
	return redo ? add(p, redo, "*", true, err) : 0;
}

/* "ibdata1:12M;/big/ibdata2:50M:autoextend": each below innodb_data_home_dir, or absolute where that is empty. */
static int
add_system_space(struct places *p, const struct settings *s, struct vss_err *err)
{
	const char *home = settings_get(s, "innodb_data_home_dir"), *list = settings_get(s, "innodb_data_file_path");
	VSS_AUTOFREE char *files = vss_strdup(list ? list : "ibdata1:12M:autoextend");

	for (char *next = files, *one; (one = strsep(&next, ";"));) {
		one[strcspn(one, ":")] = '\0';
		VSS_AUTOFREE char *joined = home && *one != '/' ? vss_path_join(home, one) : vss_strdup(one);
		VSS_AUTOFREE char *path = resolve(s, joined);
		VSS_AUTOFREE char *dir = vss_path_dir(path);

		vss_strv_add(&p->locks, path);
		if (add(p, dir, vss_path_base(path), false, err) != 0)
			return -1;
	}
	return 0;
}

/* A log that goes on in numbered files, and the list of them, which may lie elsewhere. */
static int
add_logs(struct places *p, const struct settings *s, const char *basename, const char *index, struct vss_err *err)
{
	const char *base = settings_get(s, basename), *list = settings_get(s, index);
	VSS_AUTOFREE char *base_path = base ? resolve(s, base) : NULL;
	VSS_AUTOFREE char *list_path = base && list ? resolve(s, list) : NULL;

	if (base_path) {
		VSS_AUTOFREE char *dir = vss_path_dir(base_path);
		VSS_AUTOFREE char *spec = vss_strf("%s.*", vss_path_base(base_path));

		if (add(p, dir, spec, false, err) != 0)
			return -1;
	}
	if (list_path) {
		VSS_AUTOFREE char *dir = vss_path_dir(list_path);

		return add(p, dir, vss_path_base(list_path), false, err);
	}
	return 0;
}

static int
add_link(void *ctx, const char *target, bool is_directory, struct vss_err *err)
{
	struct places *p = ctx;
	VSS_AUTOFREE char *dir = is_directory ? vss_strdup(target) : vss_path_dir(target);

	return add(p, dir, is_directory ? "*" : vss_path_base(target), is_directory, err);
}

int
places_find(struct places *p, const struct settings *s, struct vss_err *err)
{
	const char *data = settings_get(s, "datadir"), *aria = settings_get(s, "aria_log_dir_path");
	VSS_AUTOFREE char *dir = resolve(s, data ? data : USUAL_DATADIR);
	VSS_AUTOFREE char *aria_dir = resolve(s, aria ? aria : ".");

	vss_strv_take(&p->locks, vss_path_join(aria_dir, "aria_log_control"));
	if (add(p, dir, "*", true, err) != 0 || add_directories(p, s, err) != 0 || add_system_space(p, s, err) != 0 ||
		add_logs(p, s, "log_bin_basename", "log_bin_index", err) != 0 ||
		add_logs(p, s, "relay_log_basename", "relay_log_index", err) != 0)
		return -1;
	return links_find(dir, add_link, p, err);
}
