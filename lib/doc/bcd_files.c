/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/bcd_internal.h"

#include "base/mem.h"

/* --- writing --- */

static void
write_partials(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	for (size_t i = 0; i < c->npartials; i++) {
		const struct vss_bcd_partial *p = &c->partials[i];
		vss_xml_start(x, "vss:PARTIAL_FILE");
		vss_xml_text_required(x, "path", p->path);
		vss_xml_text_required(x, "fileName", p->name);
		vss_xml_text_required(x, "ranges", p->ranges);
		vss_xml_text(x, "metadata", p->metadata);
		vss_xml_text(x, "rangesFile", p->ranges_file);
		vss_xml_end(x, "vss:PARTIAL_FILE");
	}
}

static void
write_differenced(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	for (size_t i = 0; i < c->ndifferenced; i++) {
		const struct vss_bcd_differenced *d = &c->differenced[i];
		vss_xml_start(x, "vss:DIFFERENCED_FILES");
		vss_xml_text_required(x, "path", d->path);
		vss_xml_text_required(x, "filespec", d->spec);
		vss_xml_bool(x, "recursive", d->recursive);
		if (d->since_ns != 0)
			vss_xml_time(x, "since", d->since_ns);
		vss_xml_end(x, "vss:DIFFERENCED_FILES");
	}
}

static void
write_subcomponents(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	for (size_t i = 0; i < c->nsubcomponents; i++) {
		vss_xml_start(x, "vss:SUBCOMPONENT");
		vss_xml_text(x, "logicalPath", c->subcomponents[i].logical_path);
		vss_xml_text_required(x, "componentName", c->subcomponents[i].name);
		vss_xml_end(x, "vss:SUBCOMPONENT");
	}
}

static void
write_moved(struct vss_xml_out *x, const char *element, const struct vss_bcd_moved *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		vss_xml_start(x, element);
		vss_xml_text_required(x, "path", v[i].path);
		vss_xml_text_required(x, "filespec", v[i].spec);
		vss_xml_bool(x, "recursive", v[i].recursive);
		vss_xml_text_required(x, "to", v[i].to);
		vss_xml_end(x, element);
	}
}

static void
write_directed(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	for (size_t i = 0; i < c->ndirected; i++) {
		const struct vss_bcd_directed *d = &c->directed[i];
		vss_xml_start(x, "vss:DIRECTED_TARGET");
		vss_xml_text_required(x, "path", d->path);
		vss_xml_text_required(x, "fileName", d->name);
		vss_xml_text_required(x, "ranges", d->ranges);
		vss_xml_text_required(x, "toPath", d->to_path);
		vss_xml_text_required(x, "toFileName", d->to_name);
		vss_xml_text_required(x, "toRanges", d->to_ranges);
		vss_xml_end(x, "vss:DIRECTED_TARGET");
	}
}

void
bcd_write_files(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	write_partials(x, c);
	write_differenced(x, c);
	write_subcomponents(x, c);
	write_moved(x, "vss:NEW_TARGET", c->new_targets, c->nnew_targets);
	write_directed(x, c);
	write_moved(x, "vss:USED_LOCATION", c->used_locations, c->nused_locations);
}

/* --- reading --- */

/* One that has to be there; the caller frees it, and does nothing with NULL, which ends the reading. */
static char *
required(struct vss_xml_element *e, const char *name)
{
	vss_xml_require(e, name);
	return vss_xml_get(e, name);
}

void
bcd_open_partial(struct vss_xml_element *e, void *bcd)
{
	VSS_AUTOFREE char *path = required(e, "path"), *name = required(e, "fileName"), *ranges = required(e, "ranges");

	if (!path || !name || !ranges)
		return;
	struct vss_bcd_partial *p = vss_bcd_add_partial(bcd_last_component(bcd), path, name, ranges);
	vss_xml_get_text(e, "metadata", &p->metadata);
	vss_xml_get_text(e, "rangesFile", &p->ranges_file);
}

void
bcd_open_differenced(struct vss_xml_element *e, void *bcd)
{
	VSS_AUTOFREE char *path = required(e, "path"), *spec = required(e, "filespec");
	bool recursive = false;
	int64_t since = 0;

	vss_xml_get_bool(e, "recursive", &recursive);
	vss_xml_get_time(e, "since", &since);
	if (path && spec)
		vss_bcd_add_differenced(bcd_last_component(bcd), path, spec, recursive, since);
}

void
bcd_open_subcomponent(struct vss_xml_element *e, void *bcd)
{
	VSS_AUTOFREE char *path = vss_xml_get(e, "logicalPath"), *name = required(e, "componentName");

	if (name)
		vss_bcd_add_subcomponent(bcd_last_component(bcd), path, name);
}

static void
open_moved(struct vss_xml_element *e, struct vss_bcd_component *c,
	struct vss_bcd_moved *add(struct vss_bcd_component *, const char *, const char *, bool, const char *))
{
	VSS_AUTOFREE char *path = required(e, "path"), *spec = required(e, "filespec"), *to = required(e, "to");
	bool recursive = false;

	vss_xml_get_bool(e, "recursive", &recursive);
	if (path && spec && to)
		add(c, path, spec, recursive, to);
}

void
bcd_open_new_target(struct vss_xml_element *e, void *bcd)
{
	open_moved(e, bcd_last_component(bcd), vss_bcd_add_new_target);
}

void
bcd_open_used_location(struct vss_xml_element *e, void *bcd)
{
	open_moved(e, bcd_last_component(bcd), vss_bcd_add_used_location);
}

void
bcd_open_directed(struct vss_xml_element *e, void *bcd)
{
	VSS_AUTOFREE char *path = required(e, "path"), *name = required(e, "fileName"), *ranges = required(e, "ranges");
	VSS_AUTOFREE char *to_path = required(e, "toPath"), *to_name = required(e, "toFileName");
	VSS_AUTOFREE char *to_ranges = required(e, "toRanges");

	if (!path || !name || !ranges || !to_path || !to_name || !to_ranges)
		return;
	vss_bcd_add_directed(
		bcd_last_component(bcd), &(struct vss_bcd_directed){ path, name, ranges, to_path, to_name, to_ranges });
}
