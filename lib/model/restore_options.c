/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/restore_options.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void
vss_restore_options_clear(struct vss_restore_options *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->v[i].component);
		free(o->v[i].name);
		free(o->v[i].value);
	}
	free(o->v);
	*o = (struct vss_restore_options){ NULL, 0, 0 };
}

static const char *
past_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Passes one text in quotes and the blanks behind it; NULL when there is none. */
static char *
quoted(const char **at)
{
	const char *start = past_blanks(*at);
	const char *end = *start == '"' ? strchr(start + 1, '"') : NULL;

	if (!end)
		return NULL;
	*at = past_blanks(end + 1);
	return vss_strndup(start + 1, (size_t)(end - start - 1));
}

/* What of an option is wrong, or NULL.  What was read of it so far is in `o` in any case. */
static const char *
read_option(const char **at, struct vss_restore_option *o)
{
	o->name = quoted(at);
	if (o->name && **at == ':') {
		o->component = o->name;
		++*at;
		o->name = quoted(at);
	}
	if (!o->name)
		return "no name in quotes";
	if (!*o->name || (o->component && !*o->component))
		return "an empty name";
	if (**at != '=')
		return "no '=' behind the name";
	++*at;
	o->value = quoted(at);
	if (!o->value)
		return "no value in quotes";
	return **at && **at != ',' ? "no ',' behind the value" : NULL;
}

int
vss_restore_options_parse(const char *text, struct vss_restore_options *out, struct vss_err *err)
{
	const char *at = text, *wrong = NULL;

	*out = (struct vss_restore_options){ NULL, 0, 0 };
	for (;; at++) {
		struct vss_restore_option o = { NULL, NULL, NULL };
		wrong = read_option(&at, &o);
		VSS_PUSH(out->v, out->n, out->cap) = o;
		if (wrong || !*at)
			break;
	}
	if (!wrong)
		return 0;
	vss_fail(err, VSS_INVALID, 0, "restore options: number %zu: %s", out->n, wrong);
	vss_restore_options_clear(out);
	return -1;
}
