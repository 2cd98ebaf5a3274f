/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "base/log.h"
#include "base/mem.h"
#include "doc/doc.h"

#include <stdlib.h>
#include <string.h>

void
vss_writer_reports_free(struct vss_writer_reports *r)
{
	for (size_t i = 0; i < r->n; i++) {
		vss_metadata_free(r->v[i].metadata);
		free(r->v[i].registration);
		free(r->v[i].message);
		free(r->v[i].absent);
	}
	free(r->v);
	memset(r, 0, sizeof *r);
}

/* The writer's own document outlives its process: a copy by way of the document, which is what a reader would see. */
static struct vss_metadata *
keep(const struct vss_metadata *m)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_metadata *copy = NULL;

	if (!m)
		return NULL;
	if (vss_doc_write_metadata(m, &doc, &err) == 0)
		copy = vss_doc_read_metadata(doc.data, doc.len, &err);
	if (!copy)
		vss_warn("writer \"%s\": %s", m->name, err.text);
	return copy;
}

static const struct vss_writer_memory *
remembered(const struct vss_writer_memories *all, const char *registration)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].registration, registration) == 0)
			return &all->v[i];
	return NULL;
}

static void
report(struct vss_writer_reports *out, const struct vss_writer *w, const struct vss_writer_memory *last)
{
	struct vss_writer_report *r = &VSS_PUSH(out->v, out->n, out->cap);

	*r = (struct vss_writer_report){
		.metadata = keep(w->metadata),
		.registration = vss_strdup(w->registration),
		.state = w->state,
		.error = w->error,
		.message = vss_strdup(w->message),
		.absent = vss_strdup(w->absent),
	};
	/* It answers now, but its last session went wrong: that stands until a later success (W52).  That it did not say who it is
	 * has just been put right. */
	if (last && w->error == VSS_OK && w->metadata && last->state != VSS_WS_FAILED_AT_IDENTIFY) {
		r->state = last->state;
		r->error = last->error;
		free(r->message);
		r->message = vss_strdup(last->message);
		r->when_ns = last->when_ns;
	}
}

int
vss_list_writers(struct vss_writer_reports *out, struct vss_err *err)
{
	struct vss_writer_memories last = { 0 };
	struct vss_writers_options o = { 0 };
	struct vss_writers *ws;

	if (vss_writer_memories_read(&last, err) < 0)
		return -1;
	ws = vss_writers_start(&o, err);
	for (size_t i = 0; ws && i < vss_writers_all(ws); i++) {
		const struct vss_writer *w = vss_writers_at(ws, i);
		report(out, w, remembered(&last, w->registration));
	}
	vss_writer_memories_free(&last);
	vss_writers_end(ws);
	return ws ? 0 : -1;
}
