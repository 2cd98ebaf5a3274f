/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "base/mem.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

struct vss_metadata *
vss_metadata_new(void)
{
	return vss_alloc(sizeof(struct vss_metadata));
}

static void
fileset_clear(struct vss_fileset *f)
{
	free(f->path);
	free(f->spec);
	free(f->alternate);
}

static void
filesets_free(struct vss_fileset *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fileset_clear(&f[i]);
	free(f);
}

static void
component_clear(struct vss_component *c)
{
	free(c->logical_path);
	free(c->name);
	free(c->caption);
	filesets_free(c->files, c->nfiles);
	for (size_t i = 0; i < c->ndeps; i++) {
		free(c->deps[i].logical_path);
		free(c->deps[i].name);
	}
	free(c->deps);
}

void
vss_metadata_free(struct vss_metadata *m)
{
	if (!m)
		return;
	free(m->name);
	free(m->instance_name);
	free(m->version);
	free(m->service);
	for (size_t i = 0; i < m->ncomponents; i++)
		component_clear(&m->components[i]);
	free(m->components);
	filesets_free(m->excludes, m->nexcludes);
	filesets_free(m->snapshot_excludes, m->nsnapshot_excludes);
	for (size_t i = 0; i < m->nlocations; i++) {
		fileset_clear(&m->locations[i].from);
		free(m->locations[i].to);
	}
	free(m->locations);
	free(m);
}

struct vss_component *
vss_metadata_find(const struct vss_metadata *m, const char *logical_path, const char *name)
{
	for (size_t i = 0; i < m->ncomponents; i++) {
		struct vss_component *c = &m->components[i];
		if (vss_str_eq(c->name, name) && vss_logical_same(c->logical_path, logical_path))
			return c;
	}
	return NULL;
}

struct vss_component *
vss_metadata_add_component(struct vss_metadata *m, enum vss_component_type type, const char *logical_path,
	const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *full = NULL;

	if (m->ncomponents >= VSS_COMPONENTS_MAX) {
		vss_fail(err, VSS_INVALID, 0, "more than %d components", VSS_COMPONENTS_MAX);
		return NULL;
	}
	if (vss_metadata_find(m, logical_path, name)) {
		full = vss_logical_full(logical_path, name, '/');
		vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "component %s: given twice", full);
		return NULL;
	}
	VSS_PUSH(m->components, m->ncomponents, m->ccomponents) = (struct vss_component){
		.type = type,
		.logical_path = vss_strdup(logical_path),
		.name = vss_strdup(name),
	};
	return &m->components[m->ncomponents - 1];
}

static struct vss_fileset
fileset(enum vss_fileset_kind kind, const char *path, const char *spec, bool recursive)
{
	return (struct vss_fileset){
		.path = vss_strdup(path),
		.spec = vss_strdup(spec),
		.recursive = recursive,
		.mask = VSS_FSBT_DEFAULT,
		.kind = kind,
	};
}

struct vss_fileset *
vss_component_add_files(
	struct vss_component *c, enum vss_fileset_kind kind, const char *path, const char *spec, bool recursive)
{
	VSS_PUSH(c->files, c->nfiles, c->cfiles) = fileset(kind, path, spec, recursive);
	return &c->files[c->nfiles - 1];
}

void
vss_component_add_dependency(
	struct vss_component *c, const struct vss_uuid *writer, const char *logical_path, const char *name)
{
	VSS_PUSH(c->deps, c->ndeps, c->cdeps) = (struct vss_dependency){
		.writer = *writer,
		.logical_path = vss_strdup(logical_path),
		.name = vss_strdup(name),
	};
}

struct vss_fileset *
vss_metadata_add_exclude(struct vss_metadata *m, const char *path, const char *spec, bool recursive)
{
	VSS_PUSH(m->excludes, m->nexcludes, m->cexcludes) = fileset(VSS_FILES, path, spec, recursive);
	return &m->excludes[m->nexcludes - 1];
}

struct vss_fileset *
vss_metadata_add_snapshot_exclude(struct vss_metadata *m, const char *path, const char *spec, bool recursive)
{
	VSS_PUSH(m->snapshot_excludes, m->nsnapshot_excludes, m->csnapshot_excludes) =
		fileset(VSS_FILES, path, spec, recursive);
	return &m->snapshot_excludes[m->nsnapshot_excludes - 1];
}

struct vss_alternate_location *
vss_metadata_add_location(struct vss_metadata *m, const char *path, const char *spec, bool recursive, const char *to)
{
	VSS_PUSH(m->locations, m->nlocations, m->clocations) = (struct vss_alternate_location){
		.from = fileset(VSS_FILES, path, spec, recursive),
		.to = vss_strdup(to),
	};
	return &m->locations[m->nlocations - 1];
}
