/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/xml_internal.h"

#include <stdlib.h>

#define SPACE "x-schema:#VssComponentMetadata"

/* --- components --- */

static void
write_blob(struct vss_xml_out *x, const char *element, const char *value)
{
	if (!value)
		return;
	vss_xml_start(x, element);
	vss_xml_blob(x, "metadata", value);
	vss_xml_end(x, element);
}

static void
write_component(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	vss_xml_start(x, "COMPONENT");
	vss_xml_text(x, "logicalPath", c->logical_path);
	vss_xml_text_required(x, "componentName", c->name);
	vss_xml_plain(x, "componentType", vss_component_type_word(c->type));
	if (c->succeeded_known)
		vss_xml_bool(x, "backupSucceeded", c->succeeded);
	vss_xml_text(x, "backupStamp", c->stamp);
	vss_xml_text(x, "vss:baseStamp", c->previous_stamp);
	if (c->selected_for_restore)
		vss_xml_bool(x, "vss:chosenForRestore", true);
	if (c->restore_status != VSS_RS_UNDEFINED)
		vss_xml_plain(x, "vss:restoreStatus", vss_file_restore_status_word(c->restore_status));
	if (c->grade != VSS_GRADE_NONE)
		vss_xml_plain(x, "vss:grade", vss_grade_word(c->grade));
	vss_xml_code(x, "vss:failure", c->failure);
	vss_xml_text(x, "vss:failureMessage", c->failure_message);
	write_blob(x, "BACKUP_METADATA", c->backup_metadata);
	write_blob(x, "RESTORE_METADATA", c->restore_metadata);
	vss_xml_end(x, "COMPONENT");
}

static struct vss_bcd_writer *
last_writer(struct vss_bcd *b)
{
	return &b->writers[b->nwriters - 1];
}

static struct vss_bcd_component *
last_component(struct vss_bcd *b)
{
	struct vss_bcd_writer *w = last_writer(b);
	return &w->components[w->ncomponents - 1];
}

static struct vss_bcd_component *
add_component(struct vss_xml_element *e, struct vss_bcd *b)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = vss_xml_get(e, "logicalPath");
	VSS_AUTOFREE char *name = vss_xml_get(e, "componentName");
	struct vss_component identity = { .logical_path = path, .name = name };

	vss_xml_require(e, "componentName");
	if (!name)
		return NULL;
	identity.type =
		(enum vss_component_type)vss_xml_get_word(e, "componentType", vss_component_type_by_word, XML_TOLERANT);
	struct vss_bcd_component *c = vss_bcd_add_component(last_writer(b), &identity, &err);
	if (!c)
		vss_xml_refuse(e, "%s", err.text);
	return c;
}

static void
open_component(struct vss_xml_element *e, void *value)
{
	struct vss_bcd_component *c = add_component(e, value);
	VSS_AUTOFREE char *succeeded = vss_xml_get(e, "backupSucceeded");

	if (!c)
		return;
	c->succeeded_known = succeeded != NULL;
	vss_xml_get_bool(e, "backupSucceeded", &c->succeeded);
	vss_xml_get_text(e, "backupStamp", &c->stamp);
	vss_xml_get_text(e, "vss:baseStamp", &c->previous_stamp);
	vss_xml_get_bool(e, "vss:chosenForRestore", &c->selected_for_restore);
	c->restore_status = (enum vss_file_restore_status)vss_xml_get_word(
		e, "vss:restoreStatus", vss_file_restore_status_by_word, XML_TOLERANT);
	c->grade = (enum vss_grade)vss_xml_get_word(e, "vss:grade", vss_grade_by_word, XML_STRICT);
	vss_xml_get_code(e, "vss:failure", &c->failure);
	vss_xml_get_text(e, "vss:failureMessage", &c->failure_message);
}

static void
open_backup_metadata(struct vss_xml_element *e, void *b)
{
	vss_xml_get_blob(e, "metadata", &last_component(b)->backup_metadata);
}

static void
open_restore_metadata(struct vss_xml_element *e, void *b)
{
	vss_xml_get_blob(e, "metadata", &last_component(b)->restore_metadata);
}

/* --- writers --- */

static void
write_writer(struct vss_xml_out *x, const struct vss_bcd_writer *w)
{
	vss_xml_start(x, "WRITER_COMPONENTS");
	vss_xml_uuid(x, "instanceId", &w->instance_id);
	vss_xml_uuid_required(x, "writerId", &w->writer_id);
	vss_xml_text(x, "instanceName", w->instance_name);
	vss_xml_u64(x, "backupSchema", w->schema);
	vss_xml_text(x, "vss:friendlyName", w->name);
	for (size_t i = 0; i < w->ncomponents; i++)
		write_component(x, &w->components[i]);
	vss_xml_end(x, "WRITER_COMPONENTS");
}

static void
open_writer(struct vss_xml_element *e, void *value)
{
	const struct vss_metadata nobody = { 0 };
	struct vss_bcd_writer *w = vss_bcd_add_writer(value, &nobody);

	vss_xml_get_id(e, "writerId", &w->writer_id);
	vss_xml_get_uuid(e, "instanceId", &w->instance_id);
	vss_xml_get_text(e, "instanceName", &w->instance_name);
	vss_xml_get_u32(e, "backupSchema", &w->schema);
	vss_xml_get_text(e, "vss:friendlyName", &w->name);
}

/* --- what was asked for, and where it lay: ours --- */

static void
write_volume(struct vss_xml_out *x, const struct vss_bcd_volume *v)
{
	vss_xml_start(x, "vss:VOLUME");
	vss_xml_text_required(x, "mount", v->mount);
	vss_xml_text(x, "volumeId", v->id);
	vss_xml_text(x, "fsType", v->fstype);
	vss_xml_text(x, "provider", v->provider);
	vss_xml_uuid(x, "shadowId", &v->shadow);
	vss_xml_plain(x, "grade", vss_grade_word(v->grade));
	vss_xml_end(x, "vss:VOLUME");
}

static void
open_volume(struct vss_xml_element *e, void *b)
{
	VSS_AUTOFREE char *mount = vss_xml_get(e, "mount");

	vss_xml_require(e, "mount");
	if (!mount)
		return;
	struct vss_bcd_volume *v = vss_bcd_add_volume(b, mount);
	vss_xml_get_text(e, "volumeId", &v->id);
	vss_xml_get_text(e, "fsType", &v->fstype);
	vss_xml_get_text(e, "provider", &v->provider);
	vss_xml_get_uuid(e, "shadowId", &v->shadow);
	v->grade = (enum vss_grade)vss_xml_get_word(e, "grade", vss_grade_by_word, XML_STRICT);
}

static void
open_path(struct vss_xml_element *e, void *value)
{
	struct vss_bcd *b = value;
	char *path = vss_xml_get(e, "path");

	vss_xml_require(e, "path");
	if (path)
		vss_strv_take(&b->paths, path);
}

static void
open_bcd(struct vss_xml_element *e, void *value)
{
	struct vss_bcd *b = value;

	vss_xml_get_bool(e, "bootableSystemStateBackup", &b->bootable);
	vss_xml_get_bool(e, "selectComponents", &b->component_mode);
	b->type = (enum vss_backup_type)vss_xml_get_word(e, "backupType", vss_backup_type_by_word, XML_TOLERANT);
	vss_xml_get_bool(e, "partialFileSupport", &b->partial_files);
	vss_xml_get_uuid(e, "snapshotSetId", &b->set_id);
	vss_xml_get_uuid(e, "vss:backupId", &b->backup_id);
	vss_xml_get_time(e, "vss:created", &b->created_ns);
	vss_xml_get_text(e, "vss:host", &b->host);
}

/* --- the document --- */

int
vss_doc_write_bcd(const struct vss_bcd *b, struct vss_buf *out, struct vss_err *err)
{
	struct vss_xml_out x;

	vss_xml_begin(&x, out);
	vss_xml_start(&x, "BACKUP_COMPONENTS");
	vss_xml_plain(&x, "xmlns", SPACE);
	vss_xml_plain(&x, "xmlns:vss", XML_OURS);
	vss_xml_plain(&x, "version", "1.2");
	vss_xml_bool(&x, "bootableSystemStateBackup", b->bootable);
	vss_xml_bool(&x, "selectComponents", b->component_mode);
	vss_xml_plain(&x, "backupType", vss_backup_type_word(b->type));
	vss_xml_bool(&x, "partialFileSupport", b->partial_files);
	vss_xml_uuid(&x, "snapshotSetId", &b->set_id);
	vss_xml_plain(&x, "vss:escape", XML_ESCAPE);
	vss_xml_uuid(&x, "vss:backupId", &b->backup_id);
	vss_xml_time(&x, "vss:created", b->created_ns);
	vss_xml_text(&x, "vss:host", b->host);
	for (size_t i = 0; i < b->nwriters; i++)
		write_writer(&x, &b->writers[i]);
	for (size_t i = 0; i < b->paths.n; i++) {
		vss_xml_start(&x, "vss:PATH");
		vss_xml_text(&x, "path", b->paths.v[i]);
		vss_xml_end(&x, "vss:PATH");
	}
	for (size_t i = 0; i < b->nvolumes; i++)
		write_volume(&x, &b->volumes[i]);
	vss_xml_end(&x, "BACKUP_COMPONENTS");
	return vss_xml_finish(&x, err);
}

enum { ROOT, WRITER, COMPONENT, BACKUP_METADATA, RESTORE_METADATA, PATH, VOLUME, KINDS };

static const struct vss_xml_kind kinds[KINDS] = {
	[ROOT] = { "BACKUP_COMPONENTS", -1, open_bcd },
	[WRITER] = { "WRITER_COMPONENTS", ROOT, open_writer },
	[COMPONENT] = { "COMPONENT", WRITER, open_component },
	[BACKUP_METADATA] = { "BACKUP_METADATA", COMPONENT, open_backup_metadata },
	[RESTORE_METADATA] = { "RESTORE_METADATA", COMPONENT, open_restore_metadata },
	[PATH] = { "vss:PATH", ROOT, open_path },
	[VOLUME] = { "vss:VOLUME", ROOT, open_volume },
};

struct vss_bcd *
vss_doc_read_bcd(const void *data, size_t n, struct vss_err *err)
{
	static const struct vss_xml_grammar grammar = { SPACE, "backup components", kinds, KINDS };
	struct vss_bcd *b = vss_bcd_new();

	if (vss_xml_read(data, n, &grammar, b, err) == 0)
		return b;
	vss_bcd_free(b);
	return NULL;
}
