/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/words.h"

#include "base/mem.h"

#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\v\f\r";

bool
vss_line_is_empty(const char *line)
{
	line += strspn(line, blanks);
	if (!*line || *line == '#' || vss_str_starts(line, "::"))
		return true;
	return strcspn(line, blanks) == 3 && strncasecmp(line, "rem", 3) == 0;
}

/* A word goes on where a quote ends beside other characters: a"b c"d is one.  NULL: a quote is open. */
static const char *
take_word(const char *p, struct vss_buf *word)
{
	bool quoted = false;

	for (; *p && (quoted || !strchr(blanks, *p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else
			vss_buf_ch(word, *p);
	}
	return quoted ? NULL : p;
}

int
vss_words_split(const char *line, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	for (const char *p = line + strspn(line, blanks); *p; p += strspn(p, blanks)) {
		struct vss_buf word = VSS_BUF_INIT;
		p = take_word(p, &word);
		vss_strv_take(&words, vss_buf_take(&word));
		if (!p)
			return vss_fail(err, VSS_USAGE, 0, "a quote is not closed");
	}
	for (size_t i = 0; i < words.n; i++)
		vss_strv_add(out, words.v[i]);
	return 0;
}

struct expansion {
	const struct vss_variables *v;
	size_t room; /* bytes that the words may still have */
	struct vss_err *err;
};

static int
put(struct expansion *e, struct vss_buf *out, const char *p, size_t n)
{
	if (n > e->room)
		return vss_fail(e->err, VSS_USAGE, 0,
			"the line is longer than %u bytes with the values of its variables", VSS_WORDS_MAX);
	e->room -= n;
	vss_buf_add(out, p, n);
	return 0;
}

static int
put_value(struct expansion *e, const char *name, struct vss_buf *out)
{
	const char *value = e->v->value(e->v->ctx, name);

	if (!value)
		return vss_fail(
			e->err, VSS_USAGE, 0, "%%%s%%: there is no alias or environment variable of this name", name);
	if (put(e, out, value, strlen(value)) < 0)
		return -1;
	if (e->v->used)
		e->v->used(e->v->ctx, name, value);
	return 0;
}

/* p stands on a percent sign.  Returns what is behind it and what it opened. */
static const char *
expand_one(struct expansion *e, const char *p, struct vss_buf *out)
{
	const char *end = strchr(p + 1, '%');

	if (!end || end == p + 1)
		return put(e, out, "%", 1) < 0 ? NULL : end ? end + 1 : p + 1;
	VSS_AUTOFREE char *name = vss_strndup(p + 1, (size_t)(end - p - 1));
	return put_value(e, name, out) < 0 ? NULL : end + 1;
}

static char *
expand(struct expansion *e, const char *word)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;

	for (const char *p = word; *p;) {
		size_t plain = strcspn(p, "%");
		if (plain)
			p = put(e, &out, p, plain) < 0 ? NULL : p + plain;
		else
			p = expand_one(e, p, &out);
		if (!p)
			return NULL;
	}
	return vss_buf_take(&out);
}

int
vss_words_expand(struct vss_strv *words, const struct vss_variables *v, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;
	struct expansion e = { v, VSS_WORDS_MAX, err };

	for (size_t i = 0; i < words->n; i++) {
		char *word = expand(&e, words->v[i]);
		if (!word)
			return -1;
		vss_strv_take(&all, word);
	}
	struct vss_strv old = *words;
	*words = all;
	all = old;
	return 0;
}
