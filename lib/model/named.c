/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/named.h"

#include "base/mem.h"
#include "model/components.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

/* The ':' that ends the writer, or the end of the text. */
static size_t
writer_length(const char *text)
{
	for (const char *at = strchr(text, ':'); at; at = strchr(at + 1, ':'))
		if (at[1] == '/' || at[1] == '\\')
			return (size_t)(at - text);
	return strlen(text);
}

void
vss_named_parse(struct vss_named *out, const char *text)
{
	size_t n = writer_length(text);

	out->writer = vss_strndup(text, n);
	out->component = text[n] ? vss_strdup(text + n + 1) : NULL;
}

void
vss_named_clear(struct vss_named *n)
{
	free(n->writer);
	free(n->component);
	*n = (struct vss_named){ NULL, NULL };
}

/* Does a selectable component that lies below `path` itself bring component `i`? */
static bool
is_brought(const struct vss_metadata *m, const char *path, size_t i)
{
	for (size_t j = 0; j < m->ncomponents; j++) {
		const struct vss_component *c = &m->components[j];
		if (c->selectable && vss_logical_is_above(path, NULL, c->logical_path) &&
			vss_component_is_ancestor(c, &m->components[i]))
			return true;
	}
	return false;
}

static bool
mark_below(const struct vss_metadata *m, const char *path, bool *marks)
{
	bool any = false;

	for (size_t i = 0; i < m->ncomponents; i++)
		if (vss_logical_is_above(path, NULL, m->components[i].logical_path) && !is_brought(m, path, i))
			any = marks[i] = true;
	return any;
}

bool
vss_named_mark(const struct vss_metadata *m, const char *component, bool *marks)
{
	for (size_t i = 0; i < m->ncomponents; i++)
		if (vss_logical_full_is(component, m->components[i].logical_path, m->components[i].name))
			return marks[i] = true;
	return mark_below(m, component, marks);
}
