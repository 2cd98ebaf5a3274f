/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/registry.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
registration_free(struct vss_registration *r)
{
	free(r->name);
	free(r->file);
	vss_strv_free(&r->exec);
	free(r->socket);
	free(r->user);
	vss_strv_free(&r->environment);
	free(r->refused);
}

void
vss_registrations_free(struct vss_registrations *r)
{
	for (size_t i = 0; i < r->n; i++)
		registration_free(&r->v[i]);
	free(r->v);
	*r = (struct vss_registrations){ 0 };
}

/* One word of Exec= or Environment=: blanks separate, double quotes hold together, a backslash takes the next
 * byte as it is. */
static int
take_word(const char **at, struct vss_buf *word, struct vss_err *err)
{
	bool quoted = false;
	const char *p = *at;

	for (; *p && (quoted || (*p != ' ' && *p != '\t')); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p == '\\' && *++p == '\0')
			return vss_fail(err, VSS_INVALID, 0, "a backslash at the end");
		vss_buf_ch(word, *p);
	}
	if (quoted)
		return vss_fail(err, VSS_INVALID, 0, "a quote is not closed");
	*at = p;
	return 0;
}

static int
split_words(const char *text, struct vss_strv *out, struct vss_err *err)
{
	for (const char *p = text; *(p += strspn(p, " \t"));) {
		VSS_AUTOBUF struct vss_buf word = VSS_BUF_INIT;

		if (take_word(&p, &word, err) != 0)
			return -1;
		vss_strv_take(out, vss_buf_take(&word));
	}
	return 0;
}

static int
set_exec(struct vss_registration *r, const char *value, struct vss_err *err)
{
	vss_strv_free(&r->exec);
	if (split_words(value, &r->exec, err) != 0)
		return -1;
	if (r->exec.n == 0 || r->exec.v[0][0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "the program needs an absolute path");
	return 0;
}

static int
set_socket(struct vss_registration *r, const char *value, struct vss_err *err)
{
	if (value[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "the socket needs an absolute path");
	if (strlen(value) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
		return vss_fail(err, VSS_INVALID, 0, "%s: too long for a socket", value);
	free(r->socket);
	r->socket = vss_strdup(value);
	return 0;
}

static int
set_user(struct vss_registration *r, const char *value, struct vss_err *err)
{
	if (!*value)
		return vss_fail(err, VSS_INVALID, 0, "a user is missing");
	free(r->user);
	r->user = vss_strdup(value);
	return 0;
}

static int
set_level(struct vss_registration *r, const char *value, struct vss_err *err)
{
	int level = vss_app_level_by_word(value);

	if (level < 0)
		return vss_fail(err, VSS_INVALID, 0, "%s is none of front-end, back-end, system", value);
	r->level = (enum vss_app_level)level;
	return 0;
}

/* Milliseconds are spelled out ("1500ms"); everything else is a span in seconds or larger units. */
static int
set_freeze_timeout(struct vss_registration *r, const char *value, struct vss_err *err)
{
	uint64_t n;
	bool ms = vss_str_ends(value, "ms");
	VSS_AUTOFREE char *digits = vss_strndup(value, strlen(value) - (ms ? 2 : 0));

	if ((ms ? vss_parse_u64(digits, &n) : vss_parse_span(digits, &n)) != 0 || n == 0)
		return vss_fail(err, VSS_INVALID, 0, "%s is not a time", value);
	if (n > VSS_FREEZE_TIMEOUT_MS / (ms ? 1 : 1000))
		return vss_fail(err, VSS_INVALID, 0, "%s is more than the %u s that any writer may have", value,
			VSS_FREEZE_TIMEOUT_MS / 1000);
	r->freeze_timeout_ms = (unsigned)(ms ? n : n * 1000);
	return 0;
}

static int
set_environment(struct vss_registration *r, const char *value, struct vss_err *err)
{
	size_t from = r->environment.n;

	if (split_words(value, &r->environment, err) != 0)
		return -1;
	for (size_t i = from; i < r->environment.n; i++)
		if (strchr(r->environment.v[i], '=') == NULL || r->environment.v[i][0] == '=')
			return vss_fail(err, VSS_INVALID, 0, "%s is not NAME=value", r->environment.v[i]);
	return 0;
}

static int
set_key(struct vss_registration *r, const char *key, const char *value, struct vss_err *err)
{
	static const struct {
		const char *key;
		int (*set)(struct vss_registration *, const char *, struct vss_err *);
	} keys[] = {
		{ "Exec", set_exec },
		{ "Socket", set_socket },
		{ "User", set_user },
		{ "Level", set_level },
		{ "FreezeTimeout", set_freeze_timeout },
		{ "Environment", set_environment },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].set(r, value, err) == 0 ? 0 : vss_wrap(err, "%s=", key);
	return vss_fail(err, VSS_INVALID, 0, "%s= is not known", key);
}

/* `line` is cut in place. */
static int
read_line(struct vss_registration *r, char *line, bool *in_section, struct vss_err *err)
{
	line += strspn(line, " \t");
	for (size_t n = strlen(line); n > 0 && strchr(" \t\r", line[n - 1]); n--)
		line[n - 1] = '\0';
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	if (*line == '[') {
		*in_section = strcmp(line, "[Writer]") == 0;
		return 0;
	}
	if (!*in_section)
		return 0;
	char *equals = strchr(line, '=');
	if (!equals)
		return vss_fail(err, VSS_INVALID, 0, "%s: key=value was expected", line);
	char *key_end = equals;
	while (key_end > line && (key_end[-1] == ' ' || key_end[-1] == '\t'))
		key_end--;
	*key_end = '\0';
	return set_key(r, line, equals + 1 + strspn(equals + 1, " \t"), err);
}

static int
check_keys(const struct vss_registration *r, struct vss_err *err)
{
	if (r->exec.n == 0 && !r->socket)
		return vss_fail(err, VSS_INVALID, 0, "no Exec= and no Socket= in a section [Writer]");
	if (r->exec.n > 0 && r->socket)
		return vss_fail(err, VSS_INVALID, 0, "Exec= and Socket= exclude each other");
	if (r->socket && r->environment.n > 0)
		return vss_fail(err, VSS_INVALID, 0, "Environment= means nothing to a service that runs already");
	return 0;
}

static int
read_text(struct vss_registration *r, struct vss_buf *text, struct vss_err *err)
{
	bool in_section = false;
	unsigned number = 0;
	char *next = text->data;

	if (text->len > 0 && memchr(text->data, '\0', text->len))
		return vss_fail(err, VSS_INVALID, 0, "holds a NUL byte");
	for (char *line; text->len > 0 && (line = strsep(&next, "\n"));) {
		number++;
		if (read_line(r, line, &in_section, err) != 0)
			return vss_wrap(err, "line %u", number);
	}
	return check_keys(r, err);
}

static int
load(struct vss_registration *r, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *real = realpath(r->file, NULL);

	if (!real)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", r->file);
	if (vss_check_trust(r->file, err) != 0)
		return -1;
	if (vss_read_file(real, VSS_REGISTRATION_BYTES, &text, err) != 0)
		return -1;
	if (read_text(r, &text, err) != 0)
		return vss_wrap(err, "%s", r->file);
	if (r->socket)
		return 0; /* the service may not run: who is behind the socket is looked at when it is used */
	if (vss_check_trust(r->exec.v[0], err) != 0)
		return -1;
	if (access(r->exec.v[0], X_OK) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: execute", r->exec.v[0]);
	return 0;
}

static bool
is_masked(const char *file)
{
	char target[sizeof "/dev/null"];
	ssize_t n = readlink(file, target, sizeof target);

	return n == sizeof target - 1 && memcmp(target, "/dev/null", sizeof target - 1) == 0;
}

static void
add_registration(struct vss_registrations *out, const char *name, const char *file)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_registration r = {
		.name = vss_strdup(name),
		.file = vss_strdup(file),
		.level = VSS_APP_FRONT_END,
		.freeze_timeout_ms = VSS_FREEZE_TIMEOUT_MS,
	};

	if (is_masked(file)) {
		r.masked = true;
	} else if (load(&r, &err) != 0) {
		r.refused = vss_strdup(err.text);
		vss_warn("writer %s: not started: %s", name, err.text);
	}
	VSS_PUSH(out->v, out->n, out->cap) = r;
}

/* Names in `seen` were decided by an earlier directory. */
static int
read_dir(const char *dir, struct vss_strv *seen, struct vss_registrations *out, struct vss_err *err)
{
	DIR *d = opendir(dir);

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.' || !vss_str_ends(e->d_name, ".writer"))
			continue;
		VSS_AUTOFREE char *name = vss_strndup(e->d_name, strlen(e->d_name) - strlen(".writer"));
		if (*name == '\0' || vss_strv_has(seen, name))
			continue;
		vss_strv_add(seen, name);
		VSS_AUTOFREE char *file = vss_path_join(dir, e->d_name);
		add_registration(out, name, file);
	}
	closedir(d);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct vss_registration *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
vss_registrations_read(struct vss_registrations *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv seen = VSS_STRV_INIT;

	vss_writers_path(&dirs);
	for (size_t i = 0; i < dirs.n; i++) {
		if (read_dir(dirs.v[i], &seen, out, err) != 0) {
			vss_registrations_free(out);
			return -1;
		}
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof *out->v, by_name);
	return 0;
}
