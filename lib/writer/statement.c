/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/statement.h"

#include "writer/host_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "model/ranges.h"

#include <string.h>

#define FRACTION_DIGITS 9

static const char *
word(const struct vss_line *l, size_t i)
{
	return vss_line_word(l, i); /* the table of statements says how many there are */
}

char *
host_directory(const char *text, struct vss_err *err)
{
	for (const char *p = text; *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.') {
			vss_fail(err, VSS_PROTOCOL, 0, "%s: holds ..", text);
			return NULL;
		}
		p += n;
	}
	return text[0] == '/' ? vss_path_clean(text, "/") : vss_strdup(text);
}

char *
vss_statement_dir(const struct vss_line *l, size_t i)
{
	struct vss_err ignored = VSS_ERR_INIT;
	return host_directory(word(l, i), &ignored);
}

/* SECONDS[.FRACTION], the fraction of at most nine digits. */
static int
parse_since(const char *text, int64_t *out)
{
	size_t whole = strcspn(text, ".");
	const char *fraction = text[whole] ? text + whole + 1 : "0";
	size_t digits = strlen(fraction);
	VSS_AUTOFREE char *seconds = vss_strndup(text, whole);
	uint64_t s, ns;

	if (digits > FRACTION_DIGITS || vss_parse_u64(seconds, &s) != 0 || vss_parse_u64(fraction, &ns) != 0)
		return -1;
	if (s >= (uint64_t)(INT64_MAX / VSS_S))
		return -1;
	for (; digits < FRACTION_DIGITS; digits++)
		ns *= 10;
	*out = (int64_t)s * VSS_S + (int64_t)ns;
	return 0;
}

int64_t
vss_statement_since(const struct vss_line *l)
{
	const char *text = vss_line_get(l, "since");
	int64_t ns = 0;

	return text && parse_since(text, &ns) == 0 ? ns : 0;
}

static int
check_dir(const char *text, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = host_directory(text, err);

	if (!dir)
		return -1;
	if (dir[0] != '/')
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: not an absolute path", text);
	if (strpbrk(dir, "*?"))
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: wildcards do not belong there", text);
	return 0;
}

static int
check_name(const char *name, const char *wildcards, struct vss_err *err)
{
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: not the name of a file", name);
	if (strpbrk(name, wildcards))
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: wildcards do not belong there", name);
	return 0;
}

static int
check_file(const struct vss_line *l, size_t dir, struct vss_err *err)
{
	return check_dir(word(l, dir), err) != 0 ? -1 : check_name(word(l, dir + 1), "*?", err);
}

/* B50, B51 */
static int
check_ranges(const char *text, struct vss_err *err)
{
	struct vss_ranges r = { 0 };
	const char *file = text ? vss_ranges_file(text) : NULL;

	if (!text)
		return vss_fail(err, VSS_PROTOCOL, 0, "no ranges");
	if (file)
		return check_dir(file, err);
	int rc = vss_ranges_parse(text, &r, err);
	vss_ranges_clear(&r);
	return rc;
}

static int
check_partial(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err)
{
	(void)m;
	return check_file(l, 3, err) != 0 ? -1 : check_ranges(vss_line_get(l, "ranges"), err);
}

static int
check_differenced(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err)
{
	const char *since = vss_line_get(l, "since"), *recursive = vss_line_get(l, "recursive");
	int64_t ns;

	if (!m || !(m->schema & VSS_BS_LAST_MODIFY)) /* B42 */
		return vss_fail(err, VSS_PROTOCOL, 0, "its backup schema is without last-modify");
	if (since && parse_since(since, &ns) != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "since=%s: not a number of seconds", since);
	if (recursive && vss_line_flag(l, "recursive", true) != vss_line_flag(l, "recursive", false))
		return vss_fail(err, VSS_PROTOCOL, 0, "recursive=%s: neither yes nor no", recursive);
	return check_dir(word(l, 3), err) != 0 ? -1 : check_name(word(l, 4), "", err);
}

static int
check_target(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err)
{
	(void)m;
	if (vss_restore_target_by_word(word(l, 3)) > VSS_RT_UNDEFINED)
		return 0;
	return vss_fail(err, VSS_PROTOCOL, 0, "%s: not a known restore target", word(l, 3));
}

/* R39: what goes in comes out. */
static int
check_totals(const char *from, const char *to, struct vss_err *err)
{
	struct vss_ranges a = { 0 }, b = { 0 };
	int rc = vss_ranges_parse(from, &a, err) != 0 || vss_ranges_parse(to, &b, err) != 0 ? -1 : 0;

	if (rc == 0 && vss_ranges_total(&a) != vss_ranges_total(&b))
		rc = vss_fail(err, VSS_PROTOCOL, 0, "ranges %s and %s are not equally long", from, to);
	vss_ranges_clear(&a);
	vss_ranges_clear(&b);
	return rc;
}

static int
check_directed(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err)
{
	(void)m;
	if (check_file(l, 3, err) != 0 || check_file(l, 6, err) != 0)
		return -1;
	return check_totals(word(l, 5), word(l, 8), err);
}

/* Those that name files, and which of their words are directories; 0: none. */
static const struct values {
	const char *word;
	int (*check)(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err);
	size_t dirs[2];
} statements[] = {
	{ "partial-file", check_partial, { 3, 0 } },
	{ "differenced-file", check_differenced, { 3, 0 } },
	{ "restore-target", check_target, { 0, 0 } },
	{ "directed-target", check_directed, { 3, 6 } },
};

static const struct values *
find(const struct vss_line *l)
{
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (strcmp(statements[i].word, vss_line_word(l, 0)) == 0)
			return &statements[i];
	return NULL;
}

int
host_check_values(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err)
{
	const struct values *v = find(l);

	if (!v || v->check(l, m, err) == 0)
		return 0;
	err->code = VSS_PROTOCOL; /* whoever refused it: the model calls it invalid */
	return vss_wrap(err, "%s", v->word);
}

bool
host_names_places(const struct vss_line *l)
{
	const struct values *v = find(l);
	return v && v->dirs[0] > 0;
}

int
host_check_named_places(
	const struct vss_line *l, const struct vss_mount_list *mounts, const char *scratch, struct vss_err *err)
{
	const struct values *v = find(l);
	const char *ranges = vss_line_get(l, "ranges"), *file = ranges ? vss_ranges_file(ranges) : NULL;

	for (size_t i = 0; v && i < 2; i++) {
		VSS_AUTOFREE char *dir = v->dirs[i] ? vss_statement_dir(l, v->dirs[i]) : NULL;
		if (dir && host_check_place(mounts, dir, err) != 0)
			return vss_wrap(err, "%s", v->word);
	}
	/* Scratch is the requester's choice, and read where it is. */
	if (!file || (scratch && vss_path_is_below(file, scratch)))
		return 0;
	return host_check_place(mounts, file, err) != 0 ? vss_wrap(err, "%s", word(l, 0)) : 0;
}
