/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <string.h>
#include <sys/stat.h>

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

/* What a volume is looked for by: one of them. */
struct wanted {
	const char *id, *fs_uuid;
	dev_t device;
};

static bool
is_on(const struct vss_volume *v, dev_t device)
{
	struct stat st;
	if (v->dev == device)
		return true;
	return vss_str_starts(v->source, "/dev/") && stat(v->source, &st) == 0 && S_ISBLK(st.st_mode) &&
	       st.st_rdev == device;
}

static bool
fits(const struct vss_volume *v, const struct wanted *w)
{
	if (w->id)
		return vss_str_caseeq(v->id, w->id);
	if (w->fs_uuid)
		return vss_str_caseeq(v->fs_uuid, w->fs_uuid);
	return is_on(v, w->device);
}

static const char *
kind_of(const struct wanted *w)
{
	if (w->id)
		return "ID";
	return w->fs_uuid ? "file system" : "device";
}

/* *out: the volume that fits, or NULL when there is none; -1 when two do. */
static int
find(const struct wanted *w, const char *word, struct vss_volume **out, struct vss_err *err)
{
	struct vss_volume_list list;
	*out = NULL;
	if (vss_volumes(false, &list, err) < 0)
		return -1;
	const struct vss_volume *found = NULL, *twin = NULL;
	for (size_t i = 0; i < list.n && !twin; i++) {
		if (!fits(list.v[i], w))
			continue;
		twin = found;
		found = list.v[i];
	}
	if (twin)
		vss_fail(err, VSS_INVALID, 0, "%s: is the %s of both %s and %s: name the volume by its mount point",
			word, kind_of(w), twin->mount, found->mount);
	else if (found)
		*out = vss_volume_copy(found);
	vss_volume_list_free(&list);
	return twin ? -1 : 0;
}

/* A volume ID, or the UUID of the file system that it is or lies in. */
static int
find_by_id(const char *id, struct vss_volume **out, struct vss_err *err)
{
	int rc = find(&(struct wanted){ .id = id }, id, out, err);
	if (rc == 0 && !*out)
		rc = find(&(struct wanted){ .fs_uuid = id }, id, out, err);
	return rc;
}

/* A file system on several devices is mounted by the name of one; all of them have its UUID. */
static struct vss_volume *
find_by_device(const char *word, dev_t device, struct vss_err *err)
{
	struct vss_volume *v;
	if (find(&(struct wanted){ .device = device }, word, &v, err) < 0 || v)
		return v;
	VSS_AUTOFREE char *uuid = vss_blkid_uuid(device, word);
	if (uuid && find(&(struct wanted){ .fs_uuid = uuid }, word, &v, err) < 0)
		return NULL;
	if (!uuid || !v)
		vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no file system on this device is mounted", word);
	return uuid ? v : NULL;
}

struct vss_volume *
vss_volume_named(const char *word, struct vss_err *err)
{
	VSS_AUTOFREE char *inner = id_in_braces(word);
	struct vss_volume *v;
	struct stat st;
	if (inner) {
		if (find_by_id(inner, &v, err) == 0 && !v)
			vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no such volume", word);
		return v;
	}
	bool there = stat(word, &st) == 0;
	if (there && S_ISBLK(st.st_mode))
		return find_by_device(word, st.st_rdev, err);
	/* A bare ID, unless a file of that name is there. */
	if (!there && !strchr(word, '/') && strlen(word) >= 8) {
		if (find_by_id(word, &v, err) < 0 || v)
			return v;
	}
	return vss_volume_of(word, err);
}
