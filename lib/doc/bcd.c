/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/bcd_internal.h"

#include <stdlib.h>

#define SPACE "x-schema:#VssComponentMetadata"

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
		bcd_write_component(x, &w->components[i]);
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
write_image(struct vss_xml_out *x, const struct vss_bcd_image *i)
{
	vss_xml_start(x, "vss:IMAGE");
	vss_xml_uuid_required(x, "backupId", &i->backup_id);
	vss_xml_plain(x, "backupType", vss_backup_type_word(i->type));
	vss_xml_text(x, "archive", i->archive);
	vss_xml_end(x, "vss:IMAGE");
}

static void
open_image(struct vss_xml_element *e, void *b)
{
	struct vss_uuid id = { { 0 } };
	VSS_AUTOFREE char *archive = vss_xml_get(e, "archive");

	vss_xml_get_id(e, "backupId", &id);
	int type = vss_xml_get_word(e, "backupType", vss_backup_type_by_word, XML_STRICT);
	vss_bcd_add_image(b, &id, (enum vss_backup_type)type, archive);
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
	b->restore_type =
		(enum vss_restore_type)vss_xml_get_word(e, "vss:restoreType", vss_restore_type_by_word, XML_STRICT);
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
	if (b->restore_type != VSS_RTYPE_UNDEFINED)
		vss_xml_plain(&x, "vss:restoreType", vss_restore_type_word(b->restore_type));
	for (size_t i = 0; i < b->nwriters; i++)
		write_writer(&x, &b->writers[i]);
	for (size_t i = 0; i < b->paths.n; i++) {
		vss_xml_start(&x, "vss:PATH");
		vss_xml_text(&x, "path", b->paths.v[i]);
		vss_xml_end(&x, "vss:PATH");
	}
	for (size_t i = 0; i < b->nvolumes; i++)
		write_volume(&x, &b->volumes[i]);
	for (size_t i = 0; i < b->nchain; i++)
		write_image(&x, &b->chain[i]);
	vss_xml_end(&x, "BACKUP_COMPONENTS");
	return vss_xml_finish(&x, err);
}

enum {
	ROOT,
	WRITER,
	COMPONENT,
	BACKUP_METADATA,
	RESTORE_METADATA,
	PARTIAL,
	DIFFERENCED,
	SUBCOMPONENT,
	NEW_TARGET,
	DIRECTED,
	USED_LOCATION,
	PATH,
	VOLUME,
	IMAGE,
	KINDS
};

static const struct vss_xml_kind kinds[KINDS] = {
	[ROOT] = { "BACKUP_COMPONENTS", -1, open_bcd },
	[WRITER] = { "WRITER_COMPONENTS", ROOT, open_writer },
	[COMPONENT] = { "COMPONENT", WRITER, bcd_open_component },
	[BACKUP_METADATA] = { "BACKUP_METADATA", COMPONENT, bcd_open_backup_metadata },
	[RESTORE_METADATA] = { "RESTORE_METADATA", COMPONENT, bcd_open_restore_metadata },
	[PARTIAL] = { "vss:PARTIAL_FILE", COMPONENT, bcd_open_partial },
	[DIFFERENCED] = { "vss:DIFFERENCED_FILES", COMPONENT, bcd_open_differenced },
	[SUBCOMPONENT] = { "vss:SUBCOMPONENT", COMPONENT, bcd_open_subcomponent },
	[NEW_TARGET] = { "vss:NEW_TARGET", COMPONENT, bcd_open_new_target },
	[DIRECTED] = { "vss:DIRECTED_TARGET", COMPONENT, bcd_open_directed },
	[USED_LOCATION] = { "vss:USED_LOCATION", COMPONENT, bcd_open_used_location },
	[PATH] = { "vss:PATH", ROOT, open_path },
	[VOLUME] = { "vss:VOLUME", ROOT, open_volume },
	[IMAGE] = { "vss:IMAGE", ROOT, open_image },
};

static void
open_any(struct vss_xml_element *e, void *seen)
{
	*(bool *)seen = true;
	vss_xml_refuse(e, "read no further");
}

bool
vss_doc_is_bcd(const void *data, size_t n)
{
	static const struct vss_xml_kind root = { "BACKUP_COMPONENTS", -1, open_any };
	static const struct vss_xml_grammar grammar = { SPACE, "backup components", &root, 1 };
	struct vss_err ignored = VSS_ERR_INIT;
	bool seen = false;

	(void)vss_xml_read(data, n, &grammar, &seen, &ignored);
	return seen;
}

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
