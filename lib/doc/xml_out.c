/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/xml_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "doc/code_internal.h"
#include "doc/doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
vss_xml_begin(struct vss_xml_out *x, struct vss_buf *buf)
{
	*x = (struct vss_xml_out){ .buf = buf, .err = VSS_ERR_INIT };
	vss_buf_reset(buf);
	vss_buf_str(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

int
vss_xml_finish(struct vss_xml_out *x, struct vss_err *err)
{
	vss_buf_ch(x->buf, '\n');
	if (x->err.code == VSS_OK && x->buf->len > VSS_DOC_LIMIT)
		vss_fail(&x->err, VSS_INVALID, 0, "document too long: %zu bytes", x->buf->len);
	if (x->err.code == VSS_OK)
		return 0;
	*err = x->err;
	return -1;
}

static void
missing(struct vss_xml_out *x, const char *name)
{
	if (x->err.code == VSS_OK)
		vss_fail(&x->err, VSS_INVALID, 0, "document: %s: missing", name);
}

static void
new_line(struct vss_xml_out *x)
{
	vss_buf_ch(x->buf, '\n');
	for (unsigned i = 0; i < x->depth; i++)
		vss_buf_ch(x->buf, '\t');
}

void
vss_xml_start(struct vss_xml_out *x, const char *name)
{
	if (x->open)
		vss_buf_ch(x->buf, '>');
	new_line(x);
	vss_buf_ch(x->buf, '<');
	vss_buf_str(x->buf, name);
	x->open = true;
	x->depth++;
}

void
vss_xml_end(struct vss_xml_out *x, const char *name)
{
	x->depth--;
	if (x->open) {
		vss_buf_str(x->buf, "/>");
	} else {
		new_line(x);
		vss_buf_fmt(x->buf, "</%s>", name);
	}
	x->open = false;
}

void
vss_xml_plain(struct vss_xml_out *x, const char *name, const char *value)
{
	vss_buf_fmt(x->buf, " %s=\"%s\"", name, value);
}

/* The length of a character that XML 1.0 can hold at `s`, or 0. Well-formed UTF-8 has no surrogates. */
static size_t
holdable(const char *s, size_t left)
{
	const unsigned char *p = (const unsigned char *)s;
	if (*p < 0x80)
		return *p >= 0x20 || *p == '\t' || *p == '\n' || *p == '\r';
	size_t n = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
	if (n > left || !vss_utf8_valid(s, n))
		return 0;
	bool nonchar = p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE; /* U+FFFE, U+FFFF */
	return nonchar ? 0 : n;
}

static void
escape(struct vss_buf *out, const char *s, size_t n)
{
	for (size_t i = 0, len; i < n; i += len) {
		len = holdable(s + i, n - i);
		if (len == 1 && strchr("\t\n\r", s[i]))
			vss_buf_fmt(out, "&#%d;", s[i]); /* bare, they would be read as blanks */
		else if (len == 1 && strchr("&<>\"", s[i]))
			vss_buf_str(out, s[i] == '&'   ? "&amp;"
					 : s[i] == '<' ? "&lt;"
					 : s[i] == '>' ? "&gt;"
						       : "&quot;");
		else if (len && s[i] != '\\')
			vss_buf_add(out, s + i, len);
		else
			vss_buf_fmt(out, "\\x%02X", (unsigned char)s[i]);
		if (!len)
			len = 1;
	}
}

void
vss_xml_text(struct vss_xml_out *x, const char *name, const char *value)
{
	if (!value)
		return;
	vss_buf_fmt(x->buf, " %s=\"", name);
	escape(x->buf, value, strlen(value));
	vss_buf_ch(x->buf, '"');
}

void
vss_xml_text_required(struct vss_xml_out *x, const char *name, const char *value)
{
	if (!value)
		missing(x, name);
	vss_xml_text(x, name, value);
}

void
vss_xml_blob(struct vss_xml_out *x, const char *name, const char *value)
{
	if (!value)
		return;
	vss_buf_fmt(x->buf, " %s=\"", name);
	vss_base64(x->buf, value, strlen(value));
	vss_buf_ch(x->buf, '"');
}

void
vss_xml_uuid(struct vss_xml_out *x, const char *name, const struct vss_uuid *u)
{
	char text[VSS_UUID_TEXT];

	if (vss_uuid_is_nil(u))
		return;
	vss_uuid_text(u, text);
	vss_xml_plain(x, name, text);
}

void
vss_xml_uuid_required(struct vss_xml_out *x, const char *name, const struct vss_uuid *u)
{
	if (vss_uuid_is_nil(u))
		missing(x, name);
	vss_xml_uuid(x, name, u);
}

void
vss_xml_u64(struct vss_xml_out *x, const char *name, uint64_t v)
{
	vss_buf_fmt(x->buf, " %s=\"%" PRIu64 "\"", name, v);
}

void
vss_xml_i64(struct vss_xml_out *x, const char *name, int64_t v)
{
	vss_buf_fmt(x->buf, " %s=\"%" PRId64 "\"", name, v);
}

void
vss_xml_bool(struct vss_xml_out *x, const char *name, bool v)
{
	vss_xml_plain(x, name, v ? "yes" : "no");
}

void
vss_xml_time(struct vss_xml_out *x, const char *name, int64_t wall_ns)
{
	char text[40];
	int64_t rest = wall_ns % VSS_S;

	vss_time_rfc3339(wall_ns, text); /* with milliseconds; here they are replaced by all nine digits */
	vss_buf_fmt(x->buf, " %s=\"%.*s.%09dZ\"", name, (int)strcspn(text, "."), text,
		(int)(rest < 0 ? rest + VSS_S : rest));
}

void
vss_xml_code(struct vss_xml_out *x, const char *name, enum vss_code code)
{
	if (code != VSS_OK)
		vss_xml_plain(x, name, vss_doc_code_name(code));
}
