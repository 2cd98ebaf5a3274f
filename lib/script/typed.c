/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/typed_internal.h"

#include "base/mem.h"
#include "script/words.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

/* Where the last word begins; n behind a blank. */
static size_t
word_start(const char *line, size_t n)
{
	size_t at = n;
	bool quoted = false, within = false;

	for (size_t i = 0; i < n; i++) {
		if (!quoted && strchr(blanks, line[i])) {
			within = false;
			continue;
		}
		if (!within)
			at = i;
		within = true;
		if (line[i] == '"')
			quoted = !quoted;
	}
	return within ? at : n;
}

void
vss_typed_split(const char *line, size_t n, struct vss_typed *out)
{
	struct vss_err impossible = VSS_ERR_INIT;
	struct vss_buf start = VSS_BUF_INIT;

	*out = (struct vss_typed){ .at = word_start(line, n) };
	VSS_AUTOFREE char *front = vss_strndup(line, out->at);
	(void)vss_words_split(front, &out->before, &impossible); /* no quote is open where a word begins */
	for (size_t i = out->at; i < n; i++)
		if (line[i] != '"')
			vss_buf_ch(&start, line[i]);
	out->start = vss_buf_take(&start);
}

void
vss_typed_clear(struct vss_typed *t)
{
	vss_strv_free(&t->before);
	free(t->start);
	*t = (struct vss_typed){ .start = NULL };
}

/* No quote can be within quotes, and a control character would be one to the terminal. */
static bool
can_be_typed(const char *word)
{
	VSS_AUTOBUF struct vss_buf safe = VSS_BUF_INIT;

	for (const char *p = word; *p; p += strspn(p, "\\")) {
		size_t n = strcspn(p, "\\");
		vss_buf_reset(&safe);
		vss_escape(&safe, p, n);
		if (safe.len != n)
			return false;
		p += n;
	}
	return !strchr(word, '"');
}

void
vss_typed_choose(const struct vss_typed *t, struct vss_strv *candidates)
{
	VSS_AUTOSTRV struct vss_strv all = *candidates;

	*candidates = (struct vss_strv)VSS_STRV_INIT;
	vss_strv_sort(&all);
	for (size_t i = 0; i < all.n; i++) {
		bool again = i && strcmp(all.v[i], all.v[i - 1]) == 0;
		if (!again && can_be_typed(all.v[i]) && strncasecmp(all.v[i], t->start, strlen(t->start)) == 0)
			vss_strv_add(candidates, all.v[i]);
	}
}

/* How many bytes all have in common; a character is never torn. */
static size_t
common(const struct vss_strv *words)
{
	const char *first = words->v[0];
	size_t n = strlen(first);

	for (size_t i = 1; i < words->n; i++) {
		size_t same = 0;
		while (same < n && words->v[i][same] == first[same])
			same++;
		n = same;
	}
	while (n && ((unsigned char)first[n] & 0xC0) == 0x80)
		n--;
	return n;
}

char *
vss_typed_fill(const struct vss_typed *t, const struct vss_strv *chosen)
{
	struct vss_buf word = VSS_BUF_INIT;

	if (!chosen->n)
		return NULL;
	size_t n = common(chosen);
	bool only = chosen->n == 1, may_go_on = !only || (n && chosen->v[0][n - 1] == '/');
	if (!only && n <= strlen(t->start))
		return NULL;
	VSS_AUTOFREE char *text = vss_strndup(chosen->v[0], n);
	const char *quote = !n || strpbrk(text, blanks) ? "\"" : "";
	vss_buf_fmt(&word, "%s%s%s%s", quote, text, only ? quote : "", may_go_on ? "" : " ");
	return vss_buf_take(&word);
}

size_t
vss_typed_characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static size_t
above(const struct vss_strv *chosen)
{
	size_t n = common(chosen);

	while (n && chosen->v[0][n - 1] != '/')
		n--;
	return n;
}

void
vss_typed_list(const struct vss_strv *chosen, size_t width, struct vss_buf *out)
{
	size_t cut = chosen->n > 1 ? above(chosen) : 0, widest = 0;

	for (size_t i = 0; i < chosen->n; i++) {
		size_t n = vss_typed_characters(chosen->v[i] + cut);
		widest = n > widest ? n : widest;
	}
	size_t per_line = width / (widest + 2);
	for (size_t i = 0; i < chosen->n; i++) {
		bool last = i + 1 == chosen->n || per_line < 2 || (i + 1) % per_line == 0;
		size_t n = vss_typed_characters(chosen->v[i] + cut);
		vss_buf_fmt(out, "%s%*s", chosen->v[i] + cut, last ? 0 : (int)(widest + 2 - n), "");
		if (last)
			vss_buf_ch(out, '\n');
	}
}
