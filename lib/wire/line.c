/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/line.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* The bytes that are still to be read. */
struct scan {
	const char *p, *end;
};

void
vss_line_clear(struct vss_line *l)
{
	for (size_t i = 0; i < l->nwords; i++)
		free(l->words[i]);
	for (size_t i = 0; i < l->npairs; i++) {
		free(l->pairs[i].key);
		free(l->pairs[i].value);
	}
	free(l->words);
	free(l->pairs);
	*l = (struct vss_line)VSS_LINE_INIT;
}

static bool
is_bare(char c)
{
	return c > ' ' && c <= '~' && c != '"' && c != '\\';
}

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* What stands behind a backslash. */
static int
take_escape(struct scan *s, struct vss_buf *out, struct vss_err *err)
{
	if (s->p < s->end && (*s->p == '"' || *s->p == '\\')) {
		vss_buf_ch(out, *s->p++);
		return 0;
	}
	if (s->end - s->p < 3 || !is_octal(s->p[0]) || !is_octal(s->p[1]) || !is_octal(s->p[2]))
		return vss_fail(err, VSS_PROTOCOL, 0, "an escape that is none of \\\" \\\\ \\ooo");
	int byte = (s->p[0] - '0') * 64 + (s->p[1] - '0') * 8 + (s->p[2] - '0');
	if (byte == 0 || byte > 255)
		return vss_fail(err, VSS_PROTOCOL, 0, "\\%.3s is not a byte of a value", s->p);
	s->p += 3;
	vss_buf_ch(out, (char)byte);
	return 0;
}

/* Behind the opening quote, up to and with the closing one. */
static int
take_quoted(struct scan *s, struct vss_buf *out, struct vss_err *err)
{
	while (s->p < s->end) {
		unsigned char c = (unsigned char)*s->p++;

		if (c == '"')
			return 0;
		if (c < ' ' || c == 0x7f)
			return vss_fail(err, VSS_PROTOCOL, 0, "a control byte in quotes, which is written \\%03o", c);
		if (c != '\\')
			vss_buf_ch(out, (char)c);
		else if (take_escape(s, out, err) != 0)
			return -1;
	}
	return vss_fail(err, VSS_PROTOCOL, 0, "a quote is not closed");
}

/* A bare run up to a space, or up to the = that ends a key when `stop_at_equals`. */
static void
take_bare(struct scan *s, struct vss_buf *out, bool stop_at_equals)
{
	const char *from = s->p;

	while (s->p < s->end && is_bare(*s->p) && !(stop_at_equals && *s->p == '='))
		s->p++;
	vss_buf_add(out, from, (size_t)(s->p - from));
}

static int
take_value(struct scan *s, struct vss_buf *out, struct vss_err *err)
{
	if (s->p < s->end && *s->p == '"') {
		s->p++;
		return take_quoted(s, out, err);
	}
	take_bare(s, out, false);
	return 0;
}

/* A million lines may be kept: no byte more than it needs. */
static char *
exactly(const struct vss_buf *b)
{
	return vss_strndup(b->data ? b->data : "", b->len);
}

static int
add_pair(struct vss_line *l, struct scan *s, const struct vss_buf *key, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf value = VSS_BUF_INIT;

	if (key->len == 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "a = without a key");
	if (l->npairs == VSS_LINE_KEYS)
		return vss_fail(err, VSS_PROTOCOL, 0, "more than %d words with a key", VSS_LINE_KEYS);
	if (vss_line_get(l, key->data))
		return vss_fail(err, VSS_PROTOCOL, 0, "%s= stands twice", key->data);
	if (take_value(s, &value, err) != 0)
		return -1;
	VSS_PUSH(l->pairs, l->npairs, l->cpairs) = (struct vss_line_pair){ exactly(key), exactly(&value) };
	return 0;
}

static int
take_word(struct vss_line *l, struct scan *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;

	if (s->p == s->end || *s->p == ' ')
		return vss_fail(err, VSS_PROTOCOL, 0, "words are separated by exactly one space");
	if (*s->p == '"') {
		if (take_value(s, &b, err) != 0)
			return -1;
	} else {
		take_bare(s, &b, true);
		if (s->p < s->end && *s->p == '=') {
			s->p++;
			return add_pair(l, s, &b, err);
		}
	}
	if (l->npairs > 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "a word without a key behind words with one");
	VSS_PUSH(l->words, l->nwords, l->cwords) = exactly(&b);
	return 0;
}

static int
parse(struct scan *s, struct vss_line *l, struct vss_err *err)
{
	for (;;) {
		if (take_word(l, s, err) != 0)
			return -1;
		if (s->p == s->end)
			break;
		if (*s->p != ' ')
			return vss_fail(err, VSS_PROTOCOL, 0, "byte \\%03o where a space or the end was expected",
				(unsigned char)*s->p);
		s->p++;
	}
	if (l->nwords == 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "a line begins with a word");
	return 0;
}

int
vss_line_parse(const char *s, size_t n, struct vss_line *out, struct vss_err *err)
{
	struct scan scan = { s, s + n };

	vss_line_clear(out);
	if (n > VSS_LINE_MAX)
		return vss_fail(err, VSS_PROTOCOL, 0, "a line of %zu bytes, more than %u", n, VSS_LINE_MAX);
	if (parse(&scan, out, err) == 0)
		return 0;
	vss_line_clear(out);
	return -1;
}

const char *
vss_line_word(const struct vss_line *l, size_t i)
{
	return i < l->nwords ? l->words[i] : NULL;
}

const char *
vss_line_get(const struct vss_line *l, const char *key)
{
	for (size_t i = 0; i < l->npairs; i++)
		if (strcmp(l->pairs[i].key, key) == 0)
			return l->pairs[i].value;
	return NULL;
}

bool
vss_line_flag(const struct vss_line *l, const char *key, bool otherwise)
{
	const char *v = vss_line_get(l, key);

	if (!v)
		return otherwise;
	if (vss_str_caseeq(v, "yes") || vss_str_caseeq(v, "true") || vss_str_eq(v, "1"))
		return true;
	if (vss_str_caseeq(v, "no") || vss_str_caseeq(v, "false") || vss_str_eq(v, "0"))
		return false;
	return otherwise;
}

static void
add_quoted(struct vss_buf *b, const char *s)
{
	vss_buf_ch(b, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			vss_buf_ch(b, '\\');
		if (c < ' ' || c == 0x7f)
			vss_buf_fmt(b, "\\%03o", c);
		else
			vss_buf_ch(b, *s);
	}
	vss_buf_ch(b, '"');
}

static void
add_text(struct vss_buf *b, const char *s, bool may_hold_equals)
{
	bool bare = *s != '\0';

	for (const char *p = s; *p && bare; p++)
		bare = is_bare(*p) && (may_hold_equals || *p != '=');
	if (bare)
		vss_buf_str(b, s);
	else
		add_quoted(b, s);
}

void
vss_line_begin(struct vss_buf *b, const char *first_word)
{
	add_text(b, first_word, false);
}

void
vss_line_add(struct vss_buf *b, const char *word)
{
	vss_buf_ch(b, ' ');
	add_text(b, word, false);
}

void
vss_line_add_pair(struct vss_buf *b, const char *key, const char *value)
{
	vss_buf_ch(b, ' ');
	vss_buf_str(b, key);
	vss_buf_ch(b, '=');
	add_text(b, value, true);
}

void
vss_line_end(struct vss_buf *b)
{
	vss_buf_ch(b, '\n');
}
