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
component_clear(struct vss_bcd_component *c)
{
	free(c->logical_path);
	free(c->name);
	free(c->backup_metadata);
	free(c->restore_metadata);
	free(c->stamp);
	free(c->previous_stamp);
	free(c->failure_message);
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
	};
	return &w->components[w->ncomponents - 1];
}

struct vss_bcd_volume *
vss_bcd_add_volume(struct vss_bcd *b, const char *mount)
{
	VSS_PUSH(b->volumes, b->nvolumes, b->cvolumes) = (struct vss_bcd_volume){ .mount = vss_strdup(mount) };
	return &b->volumes[b->nvolumes - 1];
}
