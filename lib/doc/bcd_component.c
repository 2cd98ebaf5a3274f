/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/bcd_internal.h"

#include "base/mem.h"

#include <stdlib.h>

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
write_truth(struct vss_xml_out *x, const char *name, bool value)
{
	if (value)
		vss_xml_bool(x, name, true);
}

/* What is wished of a restore, and what became of it. */
static void
write_restore(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	write_truth(x, "vss:chosenForRestore", c->selected_for_restore);
	vss_xml_text(x, "vss:restoreOptions", c->restore_options);
	write_truth(x, "vss:additionalRestores", c->additional_restores);
	write_truth(x, "vss:authoritative", c->authoritative);
	if (c->rollforward != VSS_RF_UNDEFINED)
		vss_xml_plain(x, "vss:rollforward", vss_rollforward_word(c->rollforward));
	vss_xml_text(x, "vss:rollforwardPoint", c->rollforward_point);
	vss_xml_text(x, "vss:restoreName", c->restore_name);
	if (c->target != VSS_RT_ORIGINAL)
		vss_xml_plain(x, "vss:restoreTarget", vss_restore_target_word(c->target));
	if (c->restore_status != VSS_RS_UNDEFINED)
		vss_xml_plain(x, "vss:restoreStatus", vss_file_restore_status_word(c->restore_status));
}

void
bcd_write_component(struct vss_xml_out *x, const struct vss_bcd_component *c)
{
	vss_xml_start(x, "COMPONENT");
	vss_xml_text(x, "logicalPath", c->logical_path);
	vss_xml_text_required(x, "componentName", c->name);
	vss_xml_plain(x, "componentType", vss_component_type_word(c->type));
	if (c->succeeded_known)
		vss_xml_bool(x, "backupSucceeded", c->succeeded);
	vss_xml_text(x, "backupStamp", c->stamp);
	vss_xml_text(x, "vss:baseStamp", c->previous_stamp);
	vss_xml_text(x, "vss:backupOptions", c->backup_options);
	write_restore(x, c);
	if (c->grade != VSS_GRADE_NONE)
		vss_xml_plain(x, "vss:grade", vss_grade_word(c->grade));
	vss_xml_code(x, "vss:failure", c->failure);
	vss_xml_text(x, "vss:failureMessage", c->failure_message);
	write_blob(x, "BACKUP_METADATA", c->backup_metadata);
	write_blob(x, "RESTORE_METADATA", c->restore_metadata);
	bcd_write_files(x, c);
	vss_xml_end(x, "COMPONENT");
}

static struct vss_bcd_writer *
last_writer(struct vss_bcd *b)
{
	return &b->writers[b->nwriters - 1];
}

struct vss_bcd_component *
bcd_last_component(struct vss_bcd *b)
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
read_restore(struct vss_xml_element *e, struct vss_bcd_component *c)
{
	VSS_AUTOFREE char *target = vss_xml_get(e, "vss:restoreTarget");

	vss_xml_get_bool(e, "vss:chosenForRestore", &c->selected_for_restore);
	vss_xml_get_text(e, "vss:restoreOptions", &c->restore_options);
	vss_xml_get_bool(e, "vss:additionalRestores", &c->additional_restores);
	vss_xml_get_bool(e, "vss:authoritative", &c->authoritative);
	c->rollforward =
		(enum vss_rollforward)vss_xml_get_word(e, "vss:rollforward", vss_rollforward_by_word, XML_STRICT);
	vss_xml_get_text(e, "vss:rollforwardPoint", &c->rollforward_point);
	vss_xml_get_text(e, "vss:restoreName", &c->restore_name);
	if (target)
		c->target = (enum vss_restore_target)vss_xml_get_word(
			e, "vss:restoreTarget", vss_restore_target_by_word, XML_STRICT);
	c->restore_status = (enum vss_file_restore_status)vss_xml_get_word(
		e, "vss:restoreStatus", vss_file_restore_status_by_word, XML_TOLERANT);
}

void
bcd_open_component(struct vss_xml_element *e, void *bcd)
{
	struct vss_bcd_component *c = add_component(e, bcd);
	VSS_AUTOFREE char *succeeded = vss_xml_get(e, "backupSucceeded");

	if (!c)
		return;
	c->succeeded_known = succeeded != NULL;
	vss_xml_get_bool(e, "backupSucceeded", &c->succeeded);
	vss_xml_get_text(e, "backupStamp", &c->stamp);
	vss_xml_get_text(e, "vss:baseStamp", &c->previous_stamp);
	vss_xml_get_text(e, "vss:backupOptions", &c->backup_options);
	read_restore(e, c);
	c->grade = (enum vss_grade)vss_xml_get_word(e, "vss:grade", vss_grade_by_word, XML_STRICT);
	vss_xml_get_code(e, "vss:failure", &c->failure);
	vss_xml_get_text(e, "vss:failureMessage", &c->failure_message);
}

void
bcd_open_backup_metadata(struct vss_xml_element *e, void *bcd)
{
	vss_xml_get_blob(e, "metadata", &bcd_last_component(bcd)->backup_metadata);
}

void
bcd_open_restore_metadata(struct vss_xml_element *e, void *bcd)
{
	vss_xml_get_blob(e, "metadata", &bcd_last_component(bcd)->restore_metadata);
}
