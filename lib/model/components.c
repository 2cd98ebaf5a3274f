/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/components.h"

#include "base/mem.h"
#include "model/logical.h"

#include <stdlib.h>

struct vss_bcd *
vss_bcd_new(void)
{
	return vss_alloc(sizeof(struct vss_bcd));
}

static void
partial_clear(struct vss_bcd_partial *p)
{
	free(p->path);
	free(p->name);
	free(p->ranges);
	free(p->metadata);
	free(p->ranges_file);
}

static void
free_moved(struct vss_bcd_moved *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].path);
		free(v[i].spec);
		free(v[i].to);
	}
	free(v);
}

static void
directed_clear(struct vss_bcd_directed *d)
{
	free(d->path);
	free(d->name);
	free(d->ranges);
	free(d->to_path);
	free(d->to_name);
	free(d->to_ranges);
}

/* What a backup noted of single files. */
static void
clear_increment(struct vss_bcd_component *c)
{
	for (size_t i = 0; i < c->npartials; i++)
		partial_clear(&c->partials[i]);
	free(c->partials);
	for (size_t i = 0; i < c->ndifferenced; i++) {
		free(c->differenced[i].path);
		free(c->differenced[i].spec);
	}
	free(c->differenced);
}

/* What belongs to one restore. */
static void
clear_restore(struct vss_bcd_component *c)
{
	for (size_t i = 0; i < c->nsubcomponents; i++) {
		free(c->subcomponents[i].logical_path);
		free(c->subcomponents[i].name);
	}
	free(c->subcomponents);
	for (size_t i = 0; i < c->ndirected; i++)
		directed_clear(&c->directed[i]);
	free(c->directed);
	free_moved(c->new_targets, c->nnew_targets);
	free_moved(c->used_locations, c->nused_locations);
	free(c->restore_metadata);
	free(c->restore_options);
	free(c->rollforward_point);
	free(c->restore_name);
}

static void
component_clear(struct vss_bcd_component *c)
{
	free(c->logical_path);
	free(c->name);
	free(c->backup_metadata);
	free(c->stamp);
	free(c->previous_stamp);
	free(c->backup_options);
	free(c->failure_message);
	clear_increment(c);
	clear_restore(c);
}

static void
component_forget_restore(struct vss_bcd_component *c)
{
	clear_restore(c);
	for (size_t i = 0; i < c->npartials; i++) {
		free(c->partials[i].ranges_file);
		c->partials[i].ranges_file = NULL;
	}
	c->restore_metadata = c->restore_options = c->rollforward_point = c->restore_name = NULL;
	c->subcomponents = NULL;
	c->directed = NULL;
	c->new_targets = c->used_locations = NULL;
	c->nsubcomponents = c->csubcomponents = c->ndirected = c->cdirected = 0;
	c->nnew_targets = c->cnew_targets = c->nused_locations = c->cused_locations = 0;
	c->selected_for_restore = c->additional_restores = c->authoritative = false;
	c->rollforward = VSS_RF_UNDEFINED;
	c->target = VSS_RT_ORIGINAL;
	c->restore_status = VSS_RS_UNDEFINED;
}

void
vss_bcd_forget_restore(struct vss_bcd *b)
{
	b->restore_type = VSS_RTYPE_UNDEFINED;
	for (size_t i = 0; i < b->nwriters; i++)
		for (size_t k = 0; k < b->writers[i].ncomponents; k++)
			component_forget_restore(&b->writers[i].components[k]);
}

static void
writer_clear(struct vss_bcd_writer *w)
{
	free(w->name);
	free(w->instance_name);
	for (size_t i = 0; i < w->ncomponents; i++)
		component_clear(&w->components[i]);
	free(w->components);
}

static void
volume_clear(struct vss_bcd_volume *v)
{
	free(v->mount);
	free(v->id);
	free(v->fstype);
	free(v->provider);
}

void
vss_bcd_free(struct vss_bcd *b)
{
	if (!b)
		return;
	free(b->host);
	vss_strv_free(&b->paths);
	for (size_t i = 0; i < b->nchain; i++)
		free(b->chain[i].archive);
	free(b->chain);
	for (size_t i = 0; i < b->nvolumes; i++)
		volume_clear(&b->volumes[i]);
	free(b->volumes);
	for (size_t i = 0; i < b->nwriters; i++)
		writer_clear(&b->writers[i]);
	free(b->writers);
	free(b);
}

struct vss_bcd_writer *
vss_bcd_find_writer(const struct vss_bcd *b, const struct vss_uuid *writer_id, const struct vss_uuid *instance_or_null)
{
	for (size_t i = 0; i < b->nwriters; i++) {
		struct vss_bcd_writer *w = &b->writers[i];
		if (vss_uuid_eq(&w->writer_id, writer_id) &&
			(!instance_or_null || vss_uuid_eq(&w->instance_id, instance_or_null)))
			return w;
	}
	return NULL;
}

struct vss_bcd_writer *
vss_bcd_add_writer(struct vss_bcd *b, const struct vss_metadata *m)
{
	VSS_PUSH(b->writers, b->nwriters, b->cwriters) = (struct vss_bcd_writer){
		.writer_id = m->writer_id,
		.instance_id = m->instance_id,
		.name = vss_strdup(m->name),
		.instance_name = vss_strdup(m->instance_name),
		.schema = m->schema,
	};
	return &b->writers[b->nwriters - 1];
}

struct vss_bcd_component *
vss_bcd_find_component(const struct vss_bcd_writer *w, const char *logical_path, const char *name)
{
	for (size_t i = 0; i < w->ncomponents; i++) {
		struct vss_bcd_component *c = &w->components[i];
		if (vss_str_eq(c->name, name) && vss_logical_same(c->logical_path, logical_path))
			return c;
	}
	return NULL;
}

struct vss_bcd_component *
vss_bcd_add_component(struct vss_bcd_writer *w, const struct vss_component *c, struct vss_err *err)
{
	if (w->ncomponents >= VSS_COMPONENTS_MAX) {
		vss_fail(err, VSS_INVALID, 0, "more than %d components", VSS_COMPONENTS_MAX);
		return NULL;
	}
	if (vss_bcd_find_component(w, c->logical_path, c->name)) {
		VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
		vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "component %s: added twice", full);
		return NULL;
	}
	VSS_PUSH(w->components, w->ncomponents, w->ccomponents) = (struct vss_bcd_component){
		.type = c->type,
		.logical_path = vss_strdup(c->logical_path),
		.name = vss_strdup(c->name),
		.target = VSS_RT_ORIGINAL,
	};
	return &w->components[w->ncomponents - 1];
}

struct vss_bcd_volume *
vss_bcd_add_volume(struct vss_bcd *b, const char *mount)
{
	VSS_PUSH(b->volumes, b->nvolumes, b->cvolumes) = (struct vss_bcd_volume){ .mount = vss_strdup(mount) };
	return &b->volumes[b->nvolumes - 1];
}

struct vss_bcd_image *
vss_bcd_add_image(struct vss_bcd *b, const struct vss_uuid *id, enum vss_backup_type type, const char *archive)
{
	VSS_PUSH(b->chain, b->nchain, b->cchain) =
		(struct vss_bcd_image){ .backup_id = *id, .type = type, .archive = vss_strdup(archive) };
	return &b->chain[b->nchain - 1];
}

struct vss_bcd_partial *
vss_bcd_add_partial(struct vss_bcd_component *c, const char *path, const char *name, const char *ranges)
{
	VSS_PUSH(c->partials, c->npartials, c->cpartials) = (struct vss_bcd_partial){
		.path = vss_strdup(path), .name = vss_strdup(name), .ranges = vss_strdup(ranges)
	};
	return &c->partials[c->npartials - 1];
}

struct vss_bcd_differenced *
vss_bcd_add_differenced(
	struct vss_bcd_component *c, const char *path, const char *spec, bool recursive, int64_t since_ns)
{
	VSS_PUSH(c->differenced, c->ndifferenced, c->cdifferenced) = (struct vss_bcd_differenced){
		.path = vss_strdup(path), .spec = vss_strdup(spec), .recursive = recursive, .since_ns = since_ns
	};
	return &c->differenced[c->ndifferenced - 1];
}

struct vss_bcd_subcomponent *
vss_bcd_add_subcomponent(struct vss_bcd_component *c, const char *logical_path, const char *name)
{
	VSS_PUSH(c->subcomponents, c->nsubcomponents, c->csubcomponents) =
		(struct vss_bcd_subcomponent){ .logical_path = vss_strdup(logical_path), .name = vss_strdup(name) };
	return &c->subcomponents[c->nsubcomponents - 1];
}

struct vss_bcd_directed *
vss_bcd_add_directed(struct vss_bcd_component *c, const struct vss_bcd_directed *from)
{
	VSS_PUSH(c->directed, c->ndirected, c->cdirected) = (struct vss_bcd_directed){
		.path = vss_strdup(from->path),
		.name = vss_strdup(from->name),
		.ranges = vss_strdup(from->ranges),
		.to_path = vss_strdup(from->to_path),
		.to_name = vss_strdup(from->to_name),
		.to_ranges = vss_strdup(from->to_ranges),
	};
	return &c->directed[c->ndirected - 1];
}

static struct vss_bcd_moved
moved(const char *path, const char *spec, bool recursive, const char *to)
{
	return (struct vss_bcd_moved){
		.path = vss_strdup(path), .spec = vss_strdup(spec), .recursive = recursive, .to = vss_strdup(to)
	};
}

struct vss_bcd_moved *
vss_bcd_add_new_target(struct vss_bcd_component *c, const char *path, const char *spec, bool recursive, const char *to)
{
	VSS_PUSH(c->new_targets, c->nnew_targets, c->cnew_targets) = moved(path, spec, recursive, to);
	return &c->new_targets[c->nnew_targets - 1];
}

struct vss_bcd_moved *
vss_bcd_add_used_location(
	struct vss_bcd_component *c, const char *path, const char *spec, bool recursive, const char *to)
{
	VSS_PUSH(c->used_locations, c->nused_locations, c->cused_locations) = moved(path, spec, recursive, to);
	return &c->used_locations[c->nused_locations - 1];
}
