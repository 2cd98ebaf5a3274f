/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/config.h"

#include "os/durable.h"

#include <string.h>

#define OPTIONS "options"

static int
check_pairs(const struct vss_config_key *k, const struct vss_line *l, struct vss_err *err)
{
	for (size_t i = 0; i < l->npairs; i++) {
		size_t j = 0;

		while (k->pairs && k->pairs[j] && strcmp(k->pairs[j], l->pairs[i].key) != 0)
			j++;
		if (!k->pairs || !k->pairs[j])
			return vss_fail(err, VSS_INVALID, 0, "%s=: not known", l->pairs[i].key);
	}
	return 0;
}

static int
check_words(const struct vss_config_key *k, const struct vss_line *l, struct vss_err *err)
{
	size_t n = l->nwords - 1;

	if (n >= k->min && n <= k->max)
		return 0;
	if (k->min == k->max)
		return vss_fail(err, VSS_INVALID, 0, "%s: takes %s", k->key,
			k->min == 0   ? "no word"
			: k->min == 1 ? "one word"
				      : "more words");
	return vss_fail(err, VSS_INVALID, 0, "%s: takes %u to %u words", k->key, k->min, k->max);
}

static int
take_line(const struct vss_config_key *keys, size_t nkeys, void *ctx, const struct vss_line *l, struct vss_err *err)
{
	const char *key = l->words[0];

	for (size_t i = 0; i < nkeys; i++) {
		if (strcmp(key, keys[i].key) != 0)
			continue;
		if (check_words(&keys[i], l, err) != 0 || check_pairs(&keys[i], l, err) != 0)
			return -1;
		return keys[i].take(ctx, l, err);
	}
	return vss_fail(err, VSS_INVALID, 0, "%s: not known", key);
}

static int
take_text(const struct vss_config_key *keys, size_t nkeys, void *ctx, const char *text, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_line l = VSS_LINE_INIT;

	text += strspn(text, " \t");
	size_t n = strlen(text);
	while (n > 0 && strchr(" \t\r", text[n - 1]))
		n--;
	if (n == 0 || *text == '#')
		return 0;
	if (text[strcspn(text, "= \t\"")] == '=')
		vss_buf_str(&line, OPTIONS " ");
	vss_buf_add(&line, text, n);
	int r = vss_line_parse(line.data, line.len, &l, err);
	if (r == 0)
		r = take_line(keys, nkeys, ctx, &l, err);
	vss_line_clear(&l);
	return r;
}

int
vss_config_read(const char *path, const struct vss_config_key *keys, size_t nkeys, void *ctx, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	unsigned number = 0;

	if (vss_read_file(path, VSS_CONFIG_BYTES, &text, err) != 0)
		return err->code == VSS_ABSENT ? 1 : -1;
	if (text.len > 0 && memchr(text.data, '\0', text.len))
		return vss_fail(err, VSS_INVALID, 0, "%s: holds a NUL byte", path);
	char *next = text.data;
	for (const char *line; text.len > 0 && (line = strsep(&next, "\n"));) {
		number++;
		if (take_text(keys, nkeys, ctx, line, err) == 0)
			continue;
		err->code = VSS_INVALID;
		return vss_wrap(err, "%s: line %u", path, number);
	}
	return 0;
}

int
vss_config_bool(const char *text, bool *out, struct vss_err *err)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = { { "yes", true }, { "no", false }, { "true", true }, { "false", false }, { "1", true },
		{ "0", false } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, text) == 0) {
			*out = words[i].value;
			return 0;
		}
	return vss_fail(err, VSS_INVALID, 0, "%s: neither yes nor no", text);
}
