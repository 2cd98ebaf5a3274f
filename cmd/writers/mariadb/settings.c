/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings.h"

#include "program.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/child.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES = 1 << 20, ANSWER_MS = 5000 };

void
settings_clear(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].key);
		free(s->v[i].value);
	}
	free(s->v);
	*s = (struct settings)SETTINGS_INIT;
}

static struct setting *
find(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].key, key) == 0)
			return &s->v[i];
	return NULL;
}

const char *
settings_get(const struct settings *s, const char *key)
{
	const struct setting *one = find(s, key);

	return one && *one->value ? one->value : NULL;
}

void
settings_set(struct settings *s, const char *key, const char *value)
{
	struct setting *one = find(s, key);

	if (!one) {
		one = &VSS_PUSH(s->v, s->n, s->cap);
		*one = (struct setting){ vss_strdup(key), NULL };
	}
	free(one->value);
	one->value = vss_strdup(value ? value : "");
}

static void
keep_variable(void *ctx, const char *const *columns, unsigned n)
{
	if (n >= 2 && columns[0])
		settings_set(ctx, columns[0], columns[1]);
}

int
settings_ask(struct settings *out, struct server *server, struct vss_err *err)
{
	return server_rows(server,
		"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('aria_log_dir_path', 'datadir', "
		"'innodb_data_file_path', "
		"'innodb_data_home_dir', 'innodb_doublewrite_dir', 'innodb_log_group_home_dir', "
		"'innodb_undo_directory', "
		"'log_bin_basename', 'log_bin_index', 'pid_file', 'relay_log_basename', 'relay_log_index')",
		keep_variable, out, err);
}

/* "--log-bin=/x/y.z" is the variable log_bin; an option without a value is on. */
static void
keep_option(struct settings *out, const char *line)
{
	if (!vss_str_starts(line, "--"))
		return;
	line += 2;
	if (vss_str_starts(line, "loose-") || vss_str_starts(line, "loose_"))
		line += 6;
	size_t n = strcspn(line, "=");
	VSS_AUTOFREE char *key = vss_strndup(line, n);
	for (char *p = key; *p; p++)
		if (*p == '-')
			*p = '_';
	settings_set(out, key, line[n] == '=' ? line + n + 1 : "");
}

static char *
below_data(const struct settings *s, const char *path)
{
	const char *data = settings_get(s, "datadir");

	return vss_path_clean(path, data ? data : USUAL_DATADIR);
}

/* --log-bin=NAME becomes log_bin_basename as the server would say it: without an ending, below the data when relative. */
static void
name_logs(struct settings *s, const char *option, const char *basename, const char *index)
{
	const char *value = settings_get(s, option), *index_value = settings_get(s, index);
	VSS_AUTOFREE char *base = value ? below_data(s, value) : NULL;
	VSS_AUTOFREE char *list = index_value ? below_data(s, index_value) : NULL;

	if (base && strcmp(value, "1") != 0 && strcmp(value, "ON") != 0) {
		char *dot = strrchr(base, '.');

		if (dot && dot > strrchr(base, '/'))
			*dot = '\0';
		settings_set(s, basename, base);
	}
	if (list) {
		VSS_AUTOFREE char *full = vss_strf("%s%s", list, strchr(vss_path_base(list), '.') ? "" : ".index");

		settings_set(s, index, full);
	}
}

static void
read_lines(struct settings *out, char *text)
{
	for (char *next = text, *line; (line = strsep(&next, "\n"));)
		keep_option(out, line);
}

static void
name_groups(struct vss_strv *words, const char *version)
{
	static const char *const groups[] = { "client-server", "server", "galera" };
	static const char *const families[] = { "mysqld", "mariadb", "mariadbd" };
	struct version v;
	bool known = version && version_parse(version, &v) == 0;

	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		vss_strv_add(words, groups[i]);
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		vss_strv_add(words, families[i]);
		if (known)
			vss_strv_take(words, vss_strf("%s-%u.%u", families[i], v.major, v.minor));
	}
}

int
settings_read(struct settings *out, const struct config_instance *c, const char *version, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err why = VSS_ERR_INIT;

	vss_strv_add(&words, "my_print_defaults");
	if (c->server_file)
		vss_strv_take(&words, vss_strf("--defaults-file=%s", c->server_file));
	name_groups(&words, version);
	if (vss_run((const char *const *)words.v, ANSWER_MS, ANSWER_BYTES, &text, &why) != 0) {
		if (why.code == VSS_ABSENT && !c->server_file)
			return 0;
		*err = why;
		return vss_wrap(err, "instance %s: its option files", c->name);
	}
	if (text.len > 0)
		read_lines(out, text.data);
	name_logs(out, "log_bin", "log_bin_basename", "log_bin_index");
	name_logs(out, "relay_log", "relay_log_basename", "relay_log_index");
	return 0;
}
