/* SPDX-License-Identifier: BSD-2-Clause */
#include "snapshot.h"

#include "image.h"

#include "base/mem.h"

#include <string.h>

/* "pool/group" of "pool/group@name"; the caller frees it. */
static char *
group_of(const char *snapshot)
{
	return vss_strndup(snapshot, strcspn(snapshot, "@"));
}

static const char *
name_of(const char *snapshot)
{
	const char *at = strchr(snapshot, '@');
	return at ? at + 1 : "";
}

int
snapshot_create(const struct command *c, const char *snapshot, struct vss_err *err)
{
	const char *const words[] = { "group", "snap", "create", snapshot, NULL };

	return command_run(c, words, NULL, err);
}

enum state { ABSENT, INCOMPLETE, COMPLETE };

static int
find_state(const struct command *c, const char *snapshot, enum state *out, struct vss_err *err)
{
	VSS_AUTOFREE char *group = group_of(snapshot);
	const char *const words[] = { "group", "snap", "list", group, NULL };
	struct vss_json *all = command_json(c, words, err);

	if (!all)
		return -1;
	*out = ABSENT;
	for (size_t i = 0; i < vss_json_count(all); i++) {
		const struct vss_json *one = vss_json_at(all, i);
		if (vss_str_eq(vss_json_str(one, "snapshot"), name_of(snapshot)))
			*out = vss_str_eq(vss_json_str(one, "state"), "incomplete") ? INCOMPLETE : COMPLETE;
	}
	vss_json_free(all);
	return 0;
}

int
snapshot_exists(const struct command *c, const char *snapshot, struct vss_err *err)
{
	enum state state;

	return find_state(c, snapshot, &state, err) == 0 ? state == COMPLETE : -1;
}

int
snapshot_remove(const struct command *c, const char *snapshot, struct vss_err *err)
{
	const char *const words[] = { "group", "snap", "rm", snapshot, NULL };
	enum state state;

	if (find_state(c, snapshot, &state, err) != 0)
		return -1;
	return state == ABSENT ? 0 : command_run(c, words, NULL, err);
}

/* pool/[namespace/]name of an object that has them apart. */
static char *
spec_of(const struct vss_json *one, const char *name_key)
{
	const char *pool = vss_json_str(one, "pool"), *ns = vss_json_str(one, "namespace");
	const char *name = vss_json_str(one, name_key);

	if (!pool || !name)
		return NULL;
	return ns && *ns ? vss_strf("%s/%s/%s", pool, ns, name) : vss_strf("%s/%s", pool, name);
}

/* 1: an image of the group has a mark of it, 0, -1. */
static int
is_used(const struct command *c, const char *snapshot, struct vss_err *err)
{
	VSS_AUTOFREE char *group = group_of(snapshot);
	const char *const words[] = { "group", "image", "list", group, NULL };
	struct vss_json *images = command_json(c, words, err);
	int r = images ? 0 : -1;

	for (size_t i = 0; r == 0 && i < vss_json_count(images); i++) {
		VSS_AUTOSTRV struct vss_strv marks = VSS_STRV_INIT;
		VSS_AUTOFREE char *spec = spec_of(vss_json_at(images, i), "image");
		if (!spec)
			continue;
		r = marks_of(c, spec, &marks, err);
		if (r == 0)
			r = vss_strv_has(&marks, snapshot);
	}
	vss_json_free(images);
	return r;
}

int
snapshot_remove_unused(const struct command *c, const char *snapshot, struct vss_err *err)
{
	int used = is_used(c, snapshot, err);

	if (used != 0)
		return used < 0 ? -1 : 0;
	return snapshot_remove(c, snapshot, err);
}

/* --- Showing --- */

/* The name that the image itself has for its part of the snapshot; the caller frees it. */
static char *
own_name(const struct command *c, const char *snapshot, const char *spec, struct vss_err *err)
{
	const char *const words[] = { "snap", "list", "--all", spec, NULL };
	struct vss_json *all = command_json(c, words, err);
	char *found = NULL;

	if (!all)
		return NULL;
	for (size_t i = 0; !found && i < vss_json_count(all); i++) {
		const struct vss_json *one = vss_json_at(all, i), *space = vss_json_get(one, "namespace");
		if (vss_str_eq(vss_json_str(space, "type"), "group") &&
			vss_str_eq(vss_json_str(space, "group snap"), name_of(snapshot)))
			found = vss_strdup(vss_json_str(one, "name"));
	}
	vss_json_free(all);
	if (!found)
		vss_fail(err, VSS_ABSENT, 0, "%s has no part of %s", spec, snapshot);
	return found;
}

/* Where that is mapped: 1 and *device, 0, -1. */
static int
find_device(const struct command *c, const char *spec, const char *name, char **device, struct vss_err *err)
{
	static const char *const words[] = { "device", "list", NULL };
	struct vss_json *all = command_json(c, words, err);

	*device = NULL;
	if (!all)
		return -1;
	for (size_t i = 0; !*device && i < vss_json_count(all); i++) {
		const struct vss_json *one = vss_json_at(all, i);
		VSS_AUTOFREE char *of = spec_of(one, "name");
		if (vss_str_eq(of, spec) && vss_str_eq(vss_json_str(one, "snap"), name))
			*device = vss_strdup(vss_json_str(one, "device"));
	}
	vss_json_free(all);
	return *device != NULL;
}

char *
snapshot_map(const struct command *c, const char *snapshot, const char *spec, struct vss_err *err)
{
	VSS_AUTOFREE char *name = own_name(c, snapshot, spec, err);
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	char *device;

	if (!name)
		return NULL;
	int there = find_device(c, spec, name, &device, err);
	if (there != 0)
		return there < 0 ? NULL : device;
	VSS_AUTOFREE char *part = vss_strf("%s@%s", spec, name);
	const char *const words[] = { "device", "map", "--read-only", part, NULL };
	if (command_run(c, words, &out, err) != 0)
		return NULL;
	if (out.len > 0)
		out.data[strcspn(out.data, "\n")] = '\0';
	return vss_buf_take(&out);
}

int
snapshot_unmap(const struct command *c, const char *snapshot, const char *spec, struct vss_err *err)
{
	VSS_AUTOFREE char *name = own_name(c, snapshot, spec, err);
	VSS_AUTOFREE char *device = NULL;

	if (!name)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	int there = find_device(c, spec, name, &device, err);
	if (there <= 0)
		return there;
	const char *const words[] = { "device", "unmap", device, NULL };
	return command_run(c, words, NULL, err);
}
