/* SPDX-License-Identifier: BSD-2-Clause */
#include "ldif.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const char *p, *end;
	size_t number; /* of the line that was read last */
	struct vss_buf line;
	struct ldif_entry entry;
};

static void
clear_entry(struct ldif_entry *e)
{
	for (size_t i = 0; i < e->nvalues; i++) {
		free(e->values[i].attribute);
		free(e->values[i].value);
	}
	e->nvalues = 0;
}

/* The next line and those that continue it, into r->line.  0 at the end of the text. */
static int
read_line(struct reader *r)
{
	vss_buf_reset(&r->line);
	if (r->p == r->end)
		return 0;
	do {
		const char *stop = memchr(r->p, '\n', (size_t)(r->end - r->p));
		size_t n = (size_t)((stop ? stop : r->end) - r->p);

		r->number++;
		if (r->line.len > 0) { /* its first blank is the fold */
			r->p++;
			n--;
		}
		vss_buf_add(&r->line, r->p, n > 0 && r->p[n - 1] == '\r' ? n - 1 : n);
		r->p += n + (stop != NULL);
	} while (r->p < r->end && *r->p == ' ' && r->line.len > 0);
	return 1;
}

/* `attribute: text`, `attribute:: base64`. */
static int
take_value(struct reader *r, struct vss_err *err)
{
	const char *line = r->line.data, *colon = memchr(line, ':', r->line.len);
	VSS_AUTOBUF struct vss_buf value = VSS_BUF_INIT;

	if (!colon || colon == line)
		return vss_fail(err, VSS_INVALID, 0, "no attribute");
	const char *from = colon + 1 + (colon[1] == ':');
	size_t n = r->line.len - (size_t)(from + strspn(from, " ") - line);
	if (colon[1] == '<')
		return vss_fail(err, VSS_INVALID, 0, "a value from elsewhere");
	from += strspn(from, " ");
	if (colon[1] != ':')
		vss_buf_add(&value, from, n);
	else if (vss_base64_decode(&value, from, n) != 0)
		return vss_fail(err, VSS_INVALID, 0, "not base64");
	if (value.len > 0 && memchr(value.data, '\0', value.len))
		return 0;
	VSS_PUSH(r->entry.values, r->entry.nvalues, r->entry.cvalues) =
		(struct ldif_value){ vss_strndup(line, (size_t)(colon - line)), vss_buf_take(&value) };
	return 0;
}

int
ldif_read(const char *text, size_t n, int (*take)(void *ctx, const struct ldif_entry *e, struct vss_err *err),
	void *ctx, struct vss_err *err)
{
	struct reader r = { .p = text, .end = text + n };
	int status = 0;

	for (int more = 1; more && status == 0;) {
		more = n > 0 ? read_line(&r) : 0;
		if (more && r.line.len > 0) {
			if (r.line.data[0] != '#' && take_value(&r, err) != 0)
				status = vss_wrap(err, "line %zu", r.number);
			continue;
		}
		if (r.entry.nvalues > 0)
			status = take(ctx, &r.entry, err);
		clear_entry(&r.entry);
	}
	clear_entry(&r.entry);
	free(r.entry.values);
	vss_buf_free(&r.line);
	return status;
}

const char *
ldif_value(const struct ldif_entry *e, const char *attribute, size_t nth)
{
	for (size_t i = 0; i < e->nvalues; i++)
		if (vss_str_caseeq(e->values[i].attribute, attribute) && nth-- == 0)
			return e->values[i].value;
	return NULL;
}
