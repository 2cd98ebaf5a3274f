/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"
#include "model/restore_options.h"

#include <stdlib.h>

/* A selected component, and the writer that it was backed up with; NULL: refused. */
static struct vss_bcd_component *
find_selected(const struct vss_session *s, const struct vss_uuid *writer, const char *logical_path, const char *name,
	struct vss_err *err)
{
	struct vss_bcd_component *c = session_find_component(s, writer, logical_path, name, err);

	if (!c || c->selected_for_restore)
		return c;
	VSS_AUTOFREE char *full = vss_logical_full(logical_path, name, '/');
	vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "component %s: was not selected for restore", full);
	return NULL;
}

/* B29: what the writer could at the time of the backup; the one that runs now may be another. */
static int
check_schema(const struct vss_session *s, const struct vss_uuid *writer, const struct vss_bcd_component *c,
	uint32_t flag, const char *what, struct vss_err *err)
{
	const struct vss_bcd_writer *bw = session_writer_of_component(s, writer, c);

	if (bw->schema & flag)
		return 0;
	VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
	return vss_fail(
		err, VSS_UNSUPPORTED, 0, "component %s: writer \"%s\" does not support %s", full, bw->name, what);
}

int
vss_session_add_restore_subcomponent(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const char *sub_logical_path, const char *sub_name, struct vss_err *err)
{
	if (session_enter(s, CALL_ADD_RESTORE_SUBCOMPONENT, err) < 0)
		return -1;
	struct vss_bcd_component *c = find_selected(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	VSS_AUTOFREE char *sub = vss_logical_full(sub_logical_path, sub_name, '/');
	VSS_AUTOFREE char *full = vss_logical_full(logical_path, name, '/');
	if (!vss_logical_is_above(logical_path, name, sub_logical_path))
		return vss_fail(err, VSS_INVALID, 0, "component %s: is not below %s", sub, full);
	for (size_t i = 0; i < c->nsubcomponents; i++)
		if (vss_str_eq(c->subcomponents[i].name, sub_name) &&
			vss_logical_same(c->subcomponents[i].logical_path, sub_logical_path))
			return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "component %s: added twice", sub);
	vss_bcd_add_subcomponent(c, sub_logical_path, sub_name);
	return 0;
}

static int
check_wishes(const struct vss_session *s, const struct vss_uuid *writer, const struct vss_bcd_component *c,
	const struct vss_session_restore_wishes *w, struct vss_err *err)
{
	struct vss_restore_options parsed = { 0 };

	if (w->authoritative &&
		check_schema(s, writer, c, VSS_BS_AUTHORITATIVE_RESTORE, "an authoritative restore", err) < 0)
		return -1;
	if (w->rollforward != VSS_RF_UNDEFINED &&
		check_schema(s, writer, c, VSS_BS_ROLLFORWARD_RESTORE, "rolling forward", err) < 0)
		return -1;
	if (w->restore_name && check_schema(s, writer, c, VSS_BS_RESTORE_RENAME, "another name", err) < 0)
		return -1;
	if ((w->rollforward == VSS_RF_PARTIAL) != (w->rollforward_point != NULL))
		return vss_fail(err, VSS_INVALID, 0,
			"component %s: rolling forward in part, and only that, needs a point", c->name);
	if (!w->options)
		return 0;
	int rc = vss_restore_options_parse(w->options, &parsed, err);
	vss_restore_options_clear(&parsed);
	return rc < 0 ? vss_wrap(err, "component %s: restore options", c->name) : 0;
}

static bool
has_wishes(const struct vss_bcd_component *c)
{
	return c->restore_options || c->additional_restores || c->authoritative || c->rollforward != VSS_RF_UNDEFINED ||
	       c->restore_name;
}

int
vss_session_set_restore_wishes(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const struct vss_session_restore_wishes *wishes, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_RESTORE_WISHES, err) < 0)
		return -1;
	struct vss_bcd_component *c = find_selected(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	VSS_AUTOFREE char *full = vss_logical_full(logical_path, name, '/');
	if (has_wishes(c))
		return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "component %s: restore options were set", full);
	if (check_wishes(s, writer, c, wishes, err) < 0)
		return -1;
	c->restore_options = vss_strdup(wishes->options);
	c->additional_restores = wishes->additional_restores;
	c->authoritative = wishes->authoritative;
	c->rollforward = wishes->rollforward;
	c->rollforward_point = vss_strdup(wishes->rollforward_point);
	c->restore_name = vss_strdup(wishes->restore_name);
	return 0;
}

int
vss_session_set_restore_type(struct vss_session *s, enum vss_restore_type type, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_RESTORE_TYPE, err) < 0)
		return -1;
	s->bcd->restore_type = type;
	return 0;
}

static int
check_place(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *clean = path && path[0] == '/' ? vss_path_clean(path, "/") : NULL;

	if (vss_str_eq(clean, path) && clean)
		return 0;
	return vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path in its shortest form", path ? path : "");
}

static bool
is_moved(const struct vss_bcd_moved *v, size_t n, const struct vss_fileset *from)
{
	for (size_t i = 0; i < n; i++)
		if (vss_str_eq(v[i].path, from->path) && vss_str_eq(v[i].spec, from->spec) &&
			v[i].recursive == from->recursive)
			return true;
	return false;
}

int
vss_session_add_new_target(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const struct vss_fileset *from, const char *to, struct vss_err *err)
{
	if (session_enter(s, CALL_ADD_NEW_TARGET, err) < 0)
		return -1;
	struct vss_bcd_component *c = find_selected(s, writer, logical_path, name, err);
	if (!c || check_schema(s, writer, c, VSS_BS_WRITER_SUPPORTS_NEW_TARGET, "new targets", err) < 0 ||
		check_place(to, err) < 0)
		return -1;
	if (is_moved(c->new_targets, c->nnew_targets, from))
		return vss_fail(
			err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "%s/%s: has a new target already", from->path, from->spec);
	vss_bcd_add_new_target(c, from->path, from->spec, from->recursive, to);
	return 0;
}

int
vss_session_set_ranges_file_path(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, size_t partial, const char *path, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_RANGES_FILE_PATH, err) < 0)
		return -1;
	struct vss_bcd_component *c = find_selected(s, writer, logical_path, name, err);
	if (!c || check_place(path, err) < 0)
		return -1;
	if (partial >= c->npartials) {
		VSS_AUTOFREE char *full = vss_logical_full(logical_path, name, '/');
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "component %s: has no such partial file", full);
	}
	free(c->partials[partial].ranges_file);
	c->partials[partial].ranges_file = vss_strdup(path);
	return 0;
}

int
vss_session_add_alternative_location_mapping(struct vss_session *s, const struct vss_uuid *writer,
	const char *logical_path, const char *name, const struct vss_fileset *from, const char *to, struct vss_err *err)
{
	if (session_enter(s, CALL_ADD_ALTERNATIVE_LOCATION_MAPPING, err) < 0)
		return -1;
	struct vss_bcd_component *c = find_selected(s, writer, logical_path, name, err);
	if (!c || check_place(to, err) < 0)
		return -1;
	/* One file set goes to one place: the second note of it is the first. */
	if (!is_moved(c->used_locations, c->nused_locations, from))
		vss_bcd_add_used_location(c, from->path, from->spec, from->recursive, to);
	return 0;
}
