/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/registration.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "os/durable.h"
#include "os/trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

int
vss_registration_exec(struct vss_strv *out, const char *value, struct vss_err *err)
{
	vss_strv_free(out);
	if (split_words(value, out, err) != 0)
		return -1;
	if (out->n == 0 || out->v[0][0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "the program needs an absolute path");
	return 0;
}

int
vss_registration_environment(struct vss_strv *out, const char *value, struct vss_err *err)
{
	size_t from = out->n;

	if (split_words(value, out, err) != 0)
		return -1;
	for (size_t i = from; i < out->n; i++)
		if (strchr(out->v[i], '=') == NULL || out->v[i][0] == '=')
			return vss_fail(err, VSS_INVALID, 0, "%s is not NAME=value", out->v[i]);
	return 0;
}

/* Milliseconds are spelled out; everything else is a span in seconds or larger units. */
int
vss_registration_time(unsigned *out_ms, const char *value, unsigned max_ms, struct vss_err *err)
{
	uint64_t n;
	bool ms = vss_str_ends(value, "ms");
	VSS_AUTOFREE char *digits = vss_strndup(value, strlen(value) - (ms ? 2 : 0));

	if ((ms ? vss_parse_u64(digits, &n) : vss_parse_span(digits, &n)) != 0 || n == 0)
		return vss_fail(err, VSS_INVALID, 0, "%s is not a time", value);
	if (n > max_ms / (ms ? 1 : 1000))
		return vss_fail(
			err, VSS_INVALID, 0, "%s is more than the %u s that there are at most", value, max_ms / 1000);
	*out_ms = (unsigned)(ms ? n : n * 1000);
	return 0;
}

int
vss_registration_check_program(const char *path, struct vss_err *err)
{
	if (vss_check_trust(path, err) != 0)
		return -1;
	if (access(path, X_OK) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: execute", path);
	return 0;
}

struct reading {
	const char *section;
	const struct vss_registration_key *keys;
	void *item;
	bool inside;
};

static int
set_key(const struct reading *r, const char *key, const char *value, struct vss_err *err)
{
	for (const struct vss_registration_key *k = r->keys; k->key; k++)
		if (strcmp(k->key, key) == 0)
			return k->set(r->item, value, err) == 0 ? 0 : vss_wrap(err, "%s=", key);
	return vss_fail(err, VSS_INVALID, 0, "%s= is not known", key);
}

/* `line` is cut in place. */
static int
read_line(struct reading *r, char *line, struct vss_err *err)
{
	line += strspn(line, " \t");
	for (size_t n = strlen(line); n > 0 && strchr(" \t\r", line[n - 1]); n--)
		line[n - 1] = '\0';
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	if (*line == '[') {
		r->inside = strcmp(line, r->section) == 0;
		return 0;
	}
	if (!r->inside)
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
read_text(struct reading *r, struct vss_buf *text, struct vss_err *err)
{
	unsigned number = 0;
	char *next = text->data;

	if (text->len > 0 && memchr(text->data, '\0', text->len))
		return vss_fail(err, VSS_INVALID, 0, "holds a NUL byte");
	for (char *line; text->len > 0 && (line = strsep(&next, "\n"));) {
		number++;
		if (read_line(r, line, err) != 0)
			return vss_wrap(err, "line %u", number);
	}
	return 0;
}

int
vss_registration_read(
	const char *file, const char *section, const struct vss_registration_key *keys, void *item, struct vss_err *err)
{
	struct reading r = { section, keys, item, false };
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *real = realpath(file, NULL);

	if (!real)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", file);
	if (vss_check_trust(file, err) != 0 || vss_read_file(real, VSS_REGISTRATION_BYTES, &text, err) != 0)
		return -1;
	return read_text(&r, &text, err) != 0 ? vss_wrap(err, "%s", file) : 0;
}

static bool
is_masked(const char *file)
{
	char target[sizeof "/dev/null"];
	ssize_t n = readlink(file, target, sizeof target);

	return n == sizeof target - 1 && memcmp(target, "/dev/null", sizeof target - 1) == 0;
}

struct scan {
	const char *suffix;
	vss_registration_found *found;
	void *ctx;
	struct vss_strv seen; /* decided by an earlier directory */
};

static int
scan_dir(struct scan *s, const char *dir, struct vss_err *err)
{
	DIR *d = opendir(dir);

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.' || !vss_str_ends(e->d_name, s->suffix))
			continue;
		VSS_AUTOFREE char *name = vss_strndup(e->d_name, strlen(e->d_name) - strlen(s->suffix));
		if (*name == '\0' || vss_strv_has(&s->seen, name))
			continue;
		vss_strv_add(&s->seen, name);
		VSS_AUTOFREE char *file = vss_path_join(dir, e->d_name);
		s->found(s->ctx, name, file, is_masked(file));
	}
	closedir(d);
	return 0;
}

int
vss_registration_scan(
	const struct vss_strv *dirs, const char *suffix, vss_registration_found *found, void *ctx, struct vss_err *err)
{
	struct scan s = { suffix, found, ctx, VSS_STRV_INIT };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < dirs->n; i++)
		rc = scan_dir(&s, dirs->v[i], err);
	vss_strv_free(&s.seen);
	return rc;
}
