/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/write.h"

#include "base/mem.h"
#include "base/str.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A sink is given pieces of at least this size, except the last of a row. */
#define PIECE (16 * 1024)

void
vss_jw_init_buf(struct vss_jw *w, struct vss_buf *out, bool pretty)
{
	*w = (struct vss_jw){ .out = out, .pretty = pretty, .err = VSS_ERR_INIT };
}

void
vss_jw_init_sink(struct vss_jw *w, vss_jw_sink *sink, void *ctx, bool pretty)
{
	*w = (struct vss_jw){ .sink = sink, .ctx = ctx, .pretty = pretty, .err = VSS_ERR_INIT };
	w->out = &w->own;
}

int
vss_jw_finish(struct vss_jw *w, struct vss_err *err)
{
	vss_buf_free(&w->own);
	if (!w->failed)
		return 0;
	*err = w->err;
	return -1;
}

static void
flush(struct vss_jw *w)
{
	if (!w->sink || !w->out->len)
		return;
	if (!w->failed && w->sink(w->ctx, w->out->data, w->out->len, &w->err))
		w->failed = true;
	vss_buf_reset(w->out);
}

static void
new_line(struct vss_jw *w)
{
	if (!w->pretty)
		return;
	vss_buf_ch(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		vss_buf_str(w->out, "  ");
}

/* What stands between this item and the one before it. */
static void
separate(struct vss_jw *w)
{
	if (!w->depth)
		return;
	if (w->level[w->depth].has_items)
		vss_buf_ch(w->out, ',');
	w->level[w->depth].has_items = true;
	new_line(w);
}

static void
before_value(struct vss_jw *w)
{
	assert(w->has_key == w->level[w->depth].is_object);
	if (!w->has_key)
		separate(w);
	w->has_key = false;
}

static void
after_value(struct vss_jw *w)
{
	if (!w->depth)
		vss_buf_ch(w->out, '\n');
	if (!w->depth || w->out->len >= PIECE)
		flush(w);
}

static void
begin(struct vss_jw *w, bool is_object)
{
	before_value(w);
	assert(w->depth < VSS_JW_DEPTH);
	vss_buf_ch(w->out, is_object ? '{' : '[');
	w->depth++;
	w->level[w->depth].is_object = is_object;
	w->level[w->depth].has_items = false;
}

static void
end(struct vss_jw *w, bool is_object)
{
	assert(w->depth && !w->has_key && w->level[w->depth].is_object == is_object);
	bool had_items = w->level[w->depth].has_items;
	w->depth--;
	if (had_items)
		new_line(w);
	vss_buf_ch(w->out, is_object ? '}' : ']');
	after_value(w);
}

void
vss_jw_begin_object(struct vss_jw *w)
{
	begin(w, true);
}

void
vss_jw_end_object(struct vss_jw *w)
{
	end(w, true);
}

void
vss_jw_begin_array(struct vss_jw *w)
{
	begin(w, false);
}

void
vss_jw_end_array(struct vss_jw *w)
{
	end(w, false);
}

/* Control characters leave as \u escapes, DEL and C1 too: JSON is read on terminals as well. */
static size_t
put_special(struct vss_buf *out, const unsigned char *s)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = strchr(plain, s[0]);
	if (at) {
		const char pair[] = { '\\', letters[at - plain] };
		vss_buf_add(out, pair, sizeof pair);
		return 1;
	}
	if (s[0] < 0x20 || s[0] == 0x7F) {
		vss_buf_fmt(out, "\\u%04x", s[0]);
		return 1;
	}
	if (s[0] == 0xC2 && s[1] < 0xA0) {
		vss_buf_fmt(out, "\\u%04x", s[1]);
		return 2;
	}
	return 0;
}

static void
put_quoted(struct vss_buf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	vss_buf_ch(out, '"');
	while (*s) {
		size_t n = put_special(out, s);
		if (!n)
			vss_buf_ch(out, (char)*s);
		s += n ? n : 1;
	}
	vss_buf_ch(out, '"');
}

void
vss_jw_key(struct vss_jw *w, const char *key)
{
	assert(w->level[w->depth].is_object && !w->has_key);
	separate(w);
	put_quoted(w->out, key);
	vss_buf_str(w->out, w->pretty ? ": " : ":");
	w->has_key = true;
}

void
vss_jw_string(struct vss_jw *w, const char *s)
{
	before_value(w);
	if (!s) {
		vss_buf_str(w->out, "null");
	} else if (vss_utf8_valid(s, strlen(s))) {
		put_quoted(w->out, s);
	} else {
		VSS_AUTOFREE char *escaped = vss_escaped(s);
		put_quoted(w->out, escaped);
	}
	after_value(w);
}

void
vss_jw_u64(struct vss_jw *w, uint64_t v)
{
	before_value(w);
	vss_buf_fmt(w->out, "%" PRIu64, v);
	after_value(w);
}

void
vss_jw_i64(struct vss_jw *w, int64_t v)
{
	before_value(w);
	vss_buf_fmt(w->out, "%" PRId64, v);
	after_value(w);
}

void
vss_jw_fixed(struct vss_jw *w, int64_t v, unsigned decimals)
{
	assert(decimals <= 18);
	uint64_t unit = 1, whole = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	before_value(w);
	vss_buf_fmt(w->out, "%s%" PRIu64, v < 0 ? "-" : "", whole / unit);
	if (decimals)
		vss_buf_fmt(w->out, ".%0*" PRIu64, (int)decimals, whole % unit);
	after_value(w);
}

void
vss_jw_bool(struct vss_jw *w, bool v)
{
	before_value(w);
	vss_buf_str(w->out, v ? "true" : "false");
	after_value(w);
}

void
vss_jw_null(struct vss_jw *w)
{
	vss_jw_string(w, NULL);
}

void
vss_jw_member_string(struct vss_jw *w, const char *key, const char *s)
{
	vss_jw_key(w, key);
	vss_jw_string(w, s);
}

void
vss_jw_member_u64(struct vss_jw *w, const char *key, uint64_t v)
{
	vss_jw_key(w, key);
	vss_jw_u64(w, v);
}

void
vss_jw_member_i64(struct vss_jw *w, const char *key, int64_t v)
{
	vss_jw_key(w, key);
	vss_jw_i64(w, v);
}

void
vss_jw_member_bool(struct vss_jw *w, const char *key, bool v)
{
	vss_jw_key(w, key);
	vss_jw_bool(w, v);
}

void
vss_jw_path(struct vss_jw *w, const char *key, const char *path)
{
	vss_jw_member_string(w, key, path);
	if (!path || vss_utf8_valid(path, strlen(path)))
		return;
	VSS_AUTOFREE char *exact_key = vss_strf("%s_bytes", key);
	VSS_AUTOBUF struct vss_buf exact = VSS_BUF_INIT;
	vss_base64(&exact, path, strlen(path));
	vss_jw_member_string(w, exact_key, exact.data);
}
