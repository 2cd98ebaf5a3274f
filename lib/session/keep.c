/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "doc/doc.h"

#include <stdlib.h>

/* Every list of shadow copies reads them, and a set document has a limit of its own. */
#define DOCUMENTS_MAX (8u << 20)

static int
keep_writer(struct vss_session *s, const struct vss_writer *w, size_t *bytes, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	VSS_AUTOFREE char *name = vss_strf("writers/%s.xml", w->registration);

	if (vss_doc_write_metadata(w->metadata, &doc, err) < 0)
		return vss_wrap(err, "writer \"%s\"", session_writer_name(w));
	*bytes += doc.len;
	vss_set_add_document(s->set, name, doc.data);
	return 0;
}

static int
keep_components(struct vss_session *s, size_t *bytes, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	if (vss_doc_write_bcd(s->bcd, &doc, err) < 0)
		return -1;
	*bytes += doc.len;
	vss_set_add_document(s->set, VSS_SET_COMPONENTS, doc.data);
	return 0;
}

int
session_keep_documents(struct vss_session *s, struct vss_err *err)
{
	size_t bytes = 0;

	if (!s->nparts)
		return 0;
	if (keep_components(s, &bytes, err) < 0)
		return -1;
	for (size_t i = 0; i < s->nparts; i++)
		if (keep_writer(s, s->parts[i].writer, &bytes, err) < 0)
			return -1;
	if (bytes > DOCUMENTS_MAX) {
		vss_warn("the writers' documents are %zu bytes long and are not kept with the set: a backup of it has "
			 "plain files only",
			bytes);
		vss_set_clear_documents(s->set);
	}
	return 0;
}
