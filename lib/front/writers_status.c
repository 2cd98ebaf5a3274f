/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/writers.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Codes that are ours alone have no number there. */
static unsigned
hresult(enum vss_code code)
{
	unsigned number = vss_code_hresult(code);
	return number || code == VSS_OK ? number : 0x80004005u;
}

void
vss_front_writer_status(const struct vss_writer_report *r, const char *indent)
{
	const char *code = r->error == VSS_OK ? "S_OK" : vss_code_name(r->error);

	vss_out("%s- Status: %d (%s)\n", indent, (int)r->state, vss_writer_state_name(r->state));
	vss_out("%s- Writer Failure code: 0x%08x (%s)\n", indent, hresult(r->error), code ? code : "E_FAIL");
}

static void
print_one(const struct vss_writer_report *r)
{
	const struct vss_uuid nil = { { 0 } };
	const struct vss_metadata *m = r->metadata;
	char id[VSS_UUID_BRACED], instance[VSS_UUID_BRACED];
	VSS_AUTOFREE char *name = vss_out_name(m && m->name ? m->name : r->registration);

	vss_uuid_braced(m ? &m->writer_id : &nil, id);
	vss_uuid_braced(m ? &m->instance_id : &nil, instance);
	vss_out("* WRITER \"%s\"\n", name);
	vss_front_writer_status(r, "        ");
	vss_out("        - Writer ID: %s\n        - Instance ID: %s\n", id, instance);
}

void
vss_front_writers_status(const struct vss_writer_reports *reports)
{
	vss_out("Listing writer status ...\n");
	for (size_t i = 0; i < reports->n; i++)
		print_one(&reports->v[i]);
	vss_out("%zu writer%s listed.\n", reports->n, reports->n == 1 ? "" : "s");
}

static void
take_state(struct vss_writer_report *r, const struct vss_writer *w)
{
	free(r->message);
	r->message = vss_strdup(w->message);
	r->state = w->state;
	r->error = w->error;
	r->when_ns = 0;
}

void
vss_front_writers_current(struct vss_writer_reports *reports, struct vss_writers *job)
{
	for (size_t i = 0; job && i < vss_writers_count(job); i++) {
		const struct vss_writer *w = vss_writers_at(job, i);
		for (size_t k = 0; w->taking_part && k < reports->n; k++)
			if (strcmp(reports->v[k].registration, w->registration) == 0)
				take_state(&reports->v[k], w);
	}
}
