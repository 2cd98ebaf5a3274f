/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/writers.h"

#include "archive/bundle.h"
#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "os/durable.h"
#include "requester/metadata.h"

static void
report(struct vss_writer_reports *out, struct vss_metadata *m, const char *file)
{
	struct vss_writer_report *r = &VSS_PUSH(out->v, out->n, out->cap);
	*r = (struct vss_writer_report){
		.metadata = m,
		.registration = vss_strdup(vss_path_base(file)),
		.state = VSS_WS_UNKNOWN,
	};
}

/* A document of a backup names its writers (those of VSS by their ID alone) and components, and says no more of them:
 * the rest stays undefined. */
static struct vss_metadata *
from_backup(const struct vss_bcd_writer *w)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err twice = VSS_ERR_INIT;
	char id[VSS_UUID_BRACED];
	m->writer_id = w->writer_id;
	m->instance_id = w->instance_id;
	vss_uuid_braced(&w->writer_id, id);
	m->name = vss_strdup(w->name ? w->name : id);
	m->instance_name = vss_strdup(w->instance_name);
	m->schema = w->schema;
	for (size_t i = 0; i < w->ncomponents; i++)
		(void)vss_metadata_add_component(
			m, w->components[i].type, w->components[i].logical_path, w->components[i].name, &twice);
	return m;
}

static int
read_backup(const struct vss_buf *xml, const char *file, struct vss_writer_reports *out, struct vss_err *err)
{
	struct vss_bcd *b = vss_doc_read_bcd(xml->data, xml->len, err);

	for (size_t i = 0; b && i < b->nwriters; i++)
		report(out, from_backup(&b->writers[i]), file);
	vss_bcd_free(b);
	return b ? 0 : vss_wrap(err, "%s", file);
}

/* The document that the file has of this writer, to be owned by the caller; NULL: none. */
static struct vss_metadata *
take_document(struct vss_metadata_file *f, const struct vss_bcd_writer *w)
{
	for (size_t i = 0; i < f->nwriters; i++) {
		struct vss_metadata *m = f->writers[i].metadata;
		if (!m || !vss_uuid_eq(&m->writer_id, &w->writer_id) || !vss_uuid_eq(&m->instance_id, &w->instance_id))
			continue;
		f->writers[i].metadata = NULL;
		return m;
	}
	return NULL;
}

/* Those of the backup, in its order, and then those that had no part in it. */
static int
read_metadata(const char *file, struct vss_writer_reports *out, struct vss_err *err)
{
	struct vss_metadata_file *f = vss_metadata_file_read(file, err);

	if (!f)
		return -1;
	for (size_t i = 0; f->bcd && i < f->bcd->nwriters; i++) {
		struct vss_metadata *m = take_document(f, &f->bcd->writers[i]);
		report(out, m ? m : from_backup(&f->bcd->writers[i]), file);
	}
	for (size_t i = 0; i < f->nwriters; i++) {
		if (f->writers[i].metadata)
			report(out, f->writers[i].metadata, file);
		f->writers[i].metadata = NULL;
	}
	vss_metadata_file_free(f);
	return 0;
}

int
vss_front_writers_read(const char *file, struct vss_writer_reports *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf xml = VSS_BUF_INIT;

	if (vss_read_file(file, VSS_BUNDLE_MAX, &xml, err))
		return -1;
	if (vss_bundle_is(xml.data, xml.len))
		return read_metadata(file, out, err);
	if (vss_doc_is_bcd(xml.data, xml.len))
		return read_backup(&xml, file, out, err);
	struct vss_metadata *m = vss_doc_read_metadata(xml.data, xml.len, err);
	if (!m)
		return vss_wrap(err, "%s", file);
	report(out, m, file);
	return 0;
}
