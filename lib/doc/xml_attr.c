/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/xml_in_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "doc/code_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct span {
	const char *p; /* NULL: no such attribute */
	size_t n;
};

static struct span
find(const struct vss_xml_element *e, const char *name)
{
	size_t prefix = strlen(XML_OURS_PREFIX);
	bool ours = strncmp(name, XML_OURS_PREFIX, prefix) == 0;

	for (int i = 0; i < e->nattrs; i++) {
		const xmlChar *const *a = e->attrs + (ptrdiff_t)i * 5;
		const char *local = (const char *)a[0], *space = (const char *)a[2];
		bool same = ours ? space && strcmp(space, XML_OURS) == 0 && strcmp(local, name + prefix) == 0
				 : !space && strcmp(local, name) == 0;
		if (same)
			return (struct span){ (const char *)a[3], (size_t)(a[4] - a[3]) };
	}
	return (struct span){ NULL, 0 };
}

void
vss_xml_refuse(struct vss_xml_element *e, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	vss_xml_refuse_at(e->in, "%s: %s", e->name, text.data);
}

static void
refuse_value(struct vss_xml_element *e, const char *name, const char *value, const char *what)
{
	VSS_AUTOFREE char *safe = vss_escaped(value);
	VSS_AUTOFREE char *brief = vss_shorten(safe, 80);
	vss_xml_refuse(e, "%s=\"%s\": %s", name, brief, what);
}

/* The byte that \xHH at `s` means, or -1.  Text is kept in C strings, so \x00 is no text. */
static int
escaped_byte(const char *s, size_t left)
{
	unsigned char byte;

	if (left < 4 || s[1] != 'x')
		return -1;
	const char digits[] = { s[2], s[3], '\0' };
	return vss_hex_decode(&byte, digits, 1) < 0 || !byte ? -1 : byte;
}

static int
unescape(struct vss_buf *out, struct span s)
{
	const char *end = s.p + s.n;

	while (s.p < end) {
		const char *stop = memchr(s.p, '\\', (size_t)(end - s.p));
		if (!stop)
			stop = end;
		vss_buf_add(out, s.p, (size_t)(stop - s.p));
		if (stop == end)
			break;
		int byte = escaped_byte(stop, (size_t)(end - stop));
		if (byte < 0)
			return -1;
		vss_buf_ch(out, (char)byte);
		s.p = stop + 4;
	}
	return 0;
}

char *
vss_xml_get(struct vss_xml_element *e, const char *name)
{
	struct span s = find(e, name);
	struct vss_buf out = VSS_BUF_INIT;

	if (!s.p)
		return NULL;
	if (!vss_xml_is_ours(e))
		return vss_strndup(s.p, s.n);
	if (unescape(&out, s) < 0) {
		vss_xml_refuse(e, "%s: a backslash that starts no \\xHH", name);
		vss_buf_free(&out);
		return NULL;
	}
	return vss_buf_take(&out);
}

void
vss_xml_get_text(struct vss_xml_element *e, const char *name, char **out)
{
	char *text = vss_xml_get(e, name);

	if (!text)
		return;
	free(*out);
	*out = text;
}

/* In our documents a blob is text in base64.  In others it may hold any bytes, of no meaning here: it stays encoded. */
void
vss_xml_get_blob(struct vss_xml_element *e, const char *name, char **out)
{
	struct span s = find(e, name);
	struct vss_buf text = VSS_BUF_INIT;

	if (!vss_xml_is_ours(e)) {
		vss_xml_get_text(e, name, out);
		return;
	}
	if (!s.p)
		return;
	if (vss_base64_decode(&text, s.p, s.n) < 0 || (text.len && memchr(text.data, '\0', text.len))) {
		vss_xml_refuse(e, "%s: not text in base64", name);
		vss_buf_free(&text);
		return;
	}
	free(*out);
	*out = vss_buf_take(&text);
}

void
vss_xml_get_uuid(struct vss_xml_element *e, const char *name, struct vss_uuid *out)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	if (text && vss_uuid_parse(text, out) < 0)
		refuse_value(e, name, text, "not a GUID");
}

void
vss_xml_get_id(struct vss_xml_element *e, const char *name, struct vss_uuid *out)
{
	vss_xml_require(e, name);
	vss_xml_get_uuid(e, name, out);
	if (vss_uuid_is_nil(out))
		vss_xml_refuse(e, "%s: all zeros", name);
}

void
vss_xml_get_u64(struct vss_xml_element *e, const char *name, uint64_t *out)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	if (text && vss_parse_u64(text, out) < 0)
		refuse_value(e, name, text, "not a number");
}

void
vss_xml_get_u32(struct vss_xml_element *e, const char *name, uint32_t *out)
{
	uint64_t v = *out;
	vss_xml_get_u64(e, name, &v);
	if (v > UINT32_MAX)
		vss_xml_refuse(e, "%s: number too large", name);
	else
		*out = (uint32_t)v;
}

void
vss_xml_get_i64(struct vss_xml_element *e, const char *name, int64_t *out)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	if (text && vss_parse_i64(text, out) < 0)
		refuse_value(e, name, text, "not a number");
}

void
vss_xml_get_bool(struct vss_xml_element *e, const char *name, bool *out)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	if (!text)
		return;
	if (strcmp(text, "yes") == 0)
		*out = true;
	else if (strcmp(text, "no") == 0)
		*out = false;
	else
		refuse_value(e, name, text, "neither yes nor no");
}

void
vss_xml_get_time(struct vss_xml_element *e, const char *name, int64_t *out)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	if (text && vss_time_parse_rfc3339(text, out) < 0)
		refuse_value(e, name, text, "not a time");
}

void
vss_xml_get_code(struct vss_xml_element *e, const char *name, enum vss_code *out)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	if (!text)
		return;
	*out = vss_doc_code_by_name(text);
	if (*out == VSS_OK)
		refuse_value(e, name, text, "no such code");
}

int
vss_xml_get_word(struct vss_xml_element *e, const char *name, int (*by_word)(const char *), enum vss_xml_strictness how)
{
	VSS_AUTOFREE char *text = vss_xml_get(e, name);
	int v = text ? by_word(text) : -1;

	if (v >= 0)
		return v;
	if (text && how == XML_STRICT)
		refuse_value(e, name, text, "unknown");
	return 0;
}

void
vss_xml_require(struct vss_xml_element *e, const char *name)
{
	if (!find(e, name).p)
		vss_xml_refuse(e, "%s: missing", name);
}
