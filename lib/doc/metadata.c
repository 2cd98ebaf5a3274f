/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/xml_internal.h"

#include <stdlib.h>

#define SPACE "x-schema:#VssWriterMetadataInfo"

/* --- file sets --- */

static void
write_files(struct vss_xml_out *x, const char *element, const struct vss_fileset *f)
{
	vss_xml_start(x, element);
	vss_xml_text_required(x, "path", f->path);
	vss_xml_text_required(x, "filespec", f->spec);
	vss_xml_bool(x, "recursive", f->recursive);
	vss_xml_text(x, "alternatePath", f->alternate);
	vss_xml_u64(x, "filespecBackupType", f->mask);
	vss_xml_end(x, element);
}

/* Excludes and mappings: no mask, no alternate path of the file set. */
static void
write_spec(struct vss_xml_out *x, const char *element, const struct vss_fileset *f, const char *to)
{
	vss_xml_start(x, element);
	vss_xml_text_required(x, "path", f->path);
	vss_xml_text_required(x, "filespec", f->spec);
	vss_xml_bool(x, "recursive", f->recursive);
	vss_xml_text(x, "alternatePath", to);
	vss_xml_end(x, element);
}

struct spec {
	char *path, *spec, *alternate;
	bool recursive;
};

static struct spec
read_spec(struct vss_xml_element *e)
{
	struct spec s = { .recursive = false };

	vss_xml_require(e, "path");
	vss_xml_require(e, "filespec");
	s.path = vss_xml_get(e, "path");
	s.spec = vss_xml_get(e, "filespec");
	s.alternate = vss_xml_get(e, "alternatePath");
	vss_xml_get_bool(e, "recursive", &s.recursive);
	return s;
}

static void
drop_spec(struct spec *s)
{
	free(s->path);
	free(s->spec);
	free(s->alternate);
}

/* --- components --- */

static const char *const file_elements[] = {
	[VSS_FILES] = "FILE_LIST",
	[VSS_DATABASE_FILES] = "DATABASE_FILES",
	[VSS_DATABASE_LOGS] = "DATABASE_LOGFILES",
};

static void
write_component(struct vss_xml_out *x, const struct vss_component *c)
{
	const char *element = c->type == VSS_CT_DATABASE ? "DATABASE" : "FILE_GROUP";

	vss_xml_start(x, element);
	vss_xml_text(x, "logicalPath", c->logical_path);
	vss_xml_text_required(x, "componentName", c->name);
	vss_xml_text(x, "caption", c->caption);
	vss_xml_bool(x, "restoreMetadata", c->restore_metadata);
	vss_xml_bool(x, "notifyOnBackupComplete", c->notify);
	vss_xml_bool(x, "selectable", c->selectable);
	vss_xml_bool(x, "selectableForRestore", c->selectable_for_restore);
	vss_xml_u64(x, "componentFlags", c->flags);
	for (size_t i = 0; i < c->nfiles; i++)
		write_files(x, file_elements[c->files[i].kind], &c->files[i]);
	for (size_t i = 0; i < c->ndeps; i++) {
		vss_xml_start(x, "DEPENDENCY");
		vss_xml_uuid_required(x, "writerId", &c->deps[i].writer);
		vss_xml_text(x, "logicalPath", c->deps[i].logical_path);
		vss_xml_text_required(x, "componentName", c->deps[i].name);
		vss_xml_end(x, "DEPENDENCY");
	}
	vss_xml_end(x, element);
}

static void
read_component(struct vss_xml_element *e, struct vss_metadata *m, enum vss_component_type type)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = vss_xml_get(e, "logicalPath");
	VSS_AUTOFREE char *name = vss_xml_get(e, "componentName");

	vss_xml_require(e, "componentName");
	struct vss_component *c = name ? vss_metadata_add_component(m, type, path, name, &err) : NULL;
	if (!c) {
		vss_xml_refuse(e, "%s", err.text);
		return;
	}
	vss_xml_get_text(e, "caption", &c->caption);
	vss_xml_get_bool(e, "restoreMetadata", &c->restore_metadata);
	vss_xml_get_bool(e, "notifyOnBackupComplete", &c->notify);
	vss_xml_get_bool(e, "selectable", &c->selectable);
	vss_xml_get_bool(e, "selectableForRestore", &c->selectable_for_restore);
	vss_xml_get_u32(e, "componentFlags", &c->flags);
}

static void
open_database(struct vss_xml_element *e, void *m)
{
	read_component(e, m, VSS_CT_DATABASE);
}

static void
open_file_group(struct vss_xml_element *e, void *m)
{
	read_component(e, m, VSS_CT_FILEGROUP);
}

/* Elements stand inside the component that was opened last; one that could not be added has ended the reading. */
static struct vss_component *
last(struct vss_metadata *m)
{
	return &m->components[m->ncomponents - 1];
}

static void
read_files(struct vss_xml_element *e, struct vss_metadata *m, enum vss_fileset_kind kind)
{
	struct spec s = read_spec(e);

	if (s.path && s.spec) {
		struct vss_fileset *f = vss_component_add_files(last(m), kind, s.path, s.spec, s.recursive);
		f->alternate = vss_strdup(s.alternate);
		vss_xml_get_u32(e, "filespecBackupType", &f->mask);
	}
	drop_spec(&s);
}

static void
open_files(struct vss_xml_element *e, void *m)
{
	read_files(e, m, VSS_FILES);
}

static void
open_database_files(struct vss_xml_element *e, void *m)
{
	read_files(e, m, VSS_DATABASE_FILES);
}

static void
open_database_logs(struct vss_xml_element *e, void *m)
{
	read_files(e, m, VSS_DATABASE_LOGS);
}

static void
open_dependency(struct vss_xml_element *e, void *m)
{
	struct vss_uuid writer = { { 0 } };
	VSS_AUTOFREE char *path = vss_xml_get(e, "logicalPath");
	VSS_AUTOFREE char *name = vss_xml_get(e, "componentName");

	vss_xml_require(e, "componentName");
	vss_xml_get_id(e, "writerId", &writer);
	if (name)
		vss_component_add_dependency(last(m), &writer, path, name);
}

/* --- the writer itself --- */

static void
write_identification(struct vss_xml_out *x, const struct vss_metadata *m)
{
	vss_xml_start(x, "IDENTIFICATION");
	vss_xml_uuid_required(x, "writerId", &m->writer_id);
	vss_xml_uuid(x, "instanceId", &m->instance_id);
	vss_xml_text(x, "instanceName", m->instance_name);
	vss_xml_text_required(x, "friendlyName", m->name);
	vss_xml_plain(x, "usage", vss_usage_word(m->usage));
	vss_xml_plain(x, "dataSource", vss_source_word(m->source));
	vss_xml_text(x, "vss:version", m->version);
	vss_xml_end(x, "IDENTIFICATION");
}

static void
open_identification(struct vss_xml_element *e, void *value)
{
	struct vss_metadata *m = value;

	vss_xml_require(e, "friendlyName");
	vss_xml_get_id(e, "writerId", &m->writer_id);
	vss_xml_get_uuid(e, "instanceId", &m->instance_id);
	vss_xml_get_text(e, "instanceName", &m->instance_name);
	vss_xml_get_text(e, "friendlyName", &m->name);
	m->usage = (enum vss_usage)vss_xml_get_word(e, "usage", vss_usage_by_word, XML_TOLERANT);
	m->source = (enum vss_source)vss_xml_get_word(e, "dataSource", vss_source_by_word, XML_TOLERANT);
	vss_xml_get_text(e, "vss:version", &m->version);
}

static void
write_restore_method(struct vss_xml_out *x, const struct vss_metadata *m)
{
	vss_xml_start(x, "RESTORE_METHOD");
	vss_xml_plain(x, "method", vss_restore_method_word(m->method));
	vss_xml_text(x, "service", m->service);
	vss_xml_plain(x, "writerRestore", vss_writer_restore_word(m->writer_restore));
	vss_xml_bool(x, "rebootRequired", m->reboot);
	for (size_t i = 0; i < m->nlocations; i++)
		write_spec(x, "ALTERNATE_LOCATION_MAPPING", &m->locations[i].from, m->locations[i].to);
	vss_xml_end(x, "RESTORE_METHOD");
}

static void
open_restore_method(struct vss_xml_element *e, void *value)
{
	struct vss_metadata *m = value;

	m->method = (enum vss_restore_method)vss_xml_get_word(e, "method", vss_restore_method_by_word, XML_TOLERANT);
	m->writer_restore =
		(enum vss_writer_restore)vss_xml_get_word(e, "writerRestore", vss_writer_restore_by_word, XML_TOLERANT);
	vss_xml_get_text(e, "service", &m->service);
	vss_xml_get_bool(e, "rebootRequired", &m->reboot);
}

static void
open_location(struct vss_xml_element *e, void *m)
{
	struct spec s = read_spec(e);

	vss_xml_require(e, "alternatePath");
	if (s.path && s.spec && s.alternate)
		vss_metadata_add_location(m, s.path, s.spec, s.recursive, s.alternate);
	drop_spec(&s);
}

static void
open_exclude(struct vss_xml_element *e, void *m)
{
	struct spec s = read_spec(e);

	if (s.path && s.spec)
		vss_metadata_add_exclude(m, s.path, s.spec, s.recursive);
	drop_spec(&s);
}

static void
open_snapshot_exclude(struct vss_xml_element *e, void *m)
{
	struct spec s = read_spec(e);

	if (s.path && s.spec)
		vss_metadata_add_snapshot_exclude(m, s.path, s.spec, s.recursive);
	drop_spec(&s);
}

static void
open_metadata(struct vss_xml_element *e, void *value)
{
	struct vss_metadata *m = value;
	vss_xml_get_u32(e, "backupSchema", &m->schema);
}

/* --- the document --- */

int
vss_doc_write_metadata(const struct vss_metadata *m, struct vss_buf *out, struct vss_err *err)
{
	struct vss_xml_out x;

	vss_xml_begin(&x, out);
	vss_xml_start(&x, "WRITER_METADATA");
	vss_xml_plain(&x, "xmlns", SPACE);
	vss_xml_plain(&x, "xmlns:vss", XML_OURS);
	vss_xml_plain(&x, "version", "1.2");
	vss_xml_u64(&x, "backupSchema", m->schema);
	vss_xml_plain(&x, "vss:escape", XML_ESCAPE);
	write_identification(&x, m);
	write_restore_method(&x, m);
	vss_xml_start(&x, "BACKUP_LOCATIONS");
	for (size_t i = 0; i < m->nexcludes; i++)
		write_spec(&x, "EXCLUDE_FILES", &m->excludes[i], NULL);
	for (size_t i = 0; i < m->ncomponents; i++)
		write_component(&x, &m->components[i]);
	for (size_t i = 0; i < m->nsnapshot_excludes; i++)
		write_spec(&x, "EXCLUDE_FILES_FROM_SNAPSHOT", &m->snapshot_excludes[i], NULL);
	vss_xml_end(&x, "BACKUP_LOCATIONS");
	vss_xml_end(&x, "WRITER_METADATA");
	return vss_xml_finish(&x, err);
}

enum {
	ROOT,
	IDENTIFICATION,
	RESTORE_METHOD,
	LOCATION,
	BACKUP_LOCATIONS,
	EXCLUDE,
	NO_SNAPSHOT,
	DATABASE,
	DB_FILES,
	DB_LOGS,
	DB_DEPENDENCY,
	GROUP,
	GROUP_FILES,
	GROUP_DEPENDENCY,
	KINDS
};

static const struct vss_xml_kind kinds[KINDS] = {
	[ROOT] = { "WRITER_METADATA", -1, open_metadata },
	[IDENTIFICATION] = { "IDENTIFICATION", ROOT, open_identification },
	[RESTORE_METHOD] = { "RESTORE_METHOD", ROOT, open_restore_method },
	[LOCATION] = { "ALTERNATE_LOCATION_MAPPING", RESTORE_METHOD, open_location },
	[BACKUP_LOCATIONS] = { "BACKUP_LOCATIONS", ROOT, NULL },
	[EXCLUDE] = { "EXCLUDE_FILES", BACKUP_LOCATIONS, open_exclude },
	[NO_SNAPSHOT] = { "EXCLUDE_FILES_FROM_SNAPSHOT", BACKUP_LOCATIONS, open_snapshot_exclude },
	[DATABASE] = { "DATABASE", BACKUP_LOCATIONS, open_database },
	[DB_FILES] = { "DATABASE_FILES", DATABASE, open_database_files },
	[DB_LOGS] = { "DATABASE_LOGFILES", DATABASE, open_database_logs },
	[DB_DEPENDENCY] = { "DEPENDENCY", DATABASE, open_dependency },
	[GROUP] = { "FILE_GROUP", BACKUP_LOCATIONS, open_file_group },
	[GROUP_FILES] = { "FILE_LIST", GROUP, open_files },
	[GROUP_DEPENDENCY] = { "DEPENDENCY", GROUP, open_dependency },
};

struct vss_metadata *
vss_doc_read_metadata(const void *data, size_t n, struct vss_err *err)
{
	static const struct vss_xml_grammar grammar = { SPACE, "writer metadata", kinds, KINDS };
	struct vss_metadata *m = vss_metadata_new();

	if (vss_xml_read(data, n, &grammar, m, err) < 0) {
		vss_metadata_free(m);
		return NULL;
	}
	if (!m->name) {
		vss_metadata_free(m);
		vss_fail(err, VSS_E_INVALID_XML_DOCUMENT, 0, "writer metadata document: names no writer");
		return NULL;
	}
	return m;
}
