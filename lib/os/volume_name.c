/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume.h"

#include "base/mem.h"
#include "base/str.h"

#include <string.h>
#include <unistd.h>

char *
vss_volume_display(const char *mount, const char *id)
{
	return vss_strf("(%s)\\\\?\\Volume{%s}\\", mount, id);
}

/* The id within `\\?\Volume{id}\`, `(/mount)\\?\Volume{id}\` or `{id}`; NULL when `word` has none of these forms. */
static char *
id_in_braces(const char *word)
{
	const char *open = *word == '{' ? word : strstr(word, "\\\\?\\Volume{");
	bool in_front = open == word || (*word == '(' && open && open > word && open[-1] == ')');
	if (!open || !in_front)
		return NULL;
	open = strchr(open, '{') + 1;
	const char *close = strchr(open, '}');
	if (!close || strspn(close + 1, "\\") != strlen(close + 1))
		return NULL;
	return vss_strndup(open, (size_t)(close - open));
}

/* *out: the volume with this id, or NULL when there is none; -1 when two have it. */
static int
find_by_id(const char *id, struct vss_volume **out, struct vss_err *err)
{
	struct vss_volume_list list;
	*out = NULL;
	if (vss_volumes(false, &list, err) < 0)
		return -1;
	const struct vss_volume *found = NULL, *twin = NULL;
	for (size_t i = 0; i < list.n; i++) {
		if (!vss_str_caseeq(list.v[i]->id, id))
			continue;
		twin = found;
		found = list.v[i];
		if (twin)
			break;
	}
	if (twin)
		vss_fail(err, VSS_INVALID, 0, "%s: is the ID of both %s and %s: name the volume by its mount point", id,
			twin->mount, found->mount);
	else if (found)
		*out = vss_volume_copy(found);
	vss_volume_list_free(&list);
	return twin ? -1 : 0;
}

struct vss_volume *
vss_volume_named(const char *word, struct vss_err *err)
{
	VSS_AUTOFREE char *inner = id_in_braces(word);
	struct vss_volume *v;
	if (inner) {
		if (find_by_id(inner, &v, err) == 0 && !v)
			vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no such volume", word);
		return v;
	}
	/* A bare ID, unless a file of that name is there. */
	if (!strchr(word, '/') && strlen(word) >= 8 && access(word, F_OK) < 0) {
		if (find_by_id(word, &v, err) < 0 || v)
			return v;
	}
	return vss_volume_of(word, err);
}
