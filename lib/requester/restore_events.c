/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_writers.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/decide.h"
#include "model/logical.h"
#include "model/ranges.h"
#include "requester/decided.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the writers have to say, each thing once; a failure that ends the restore is said by that. */
static void
tell_messages(struct vss_comeback *c, const struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct vss_returning *r = &c->v[i];
		const char *text = r->hears ? c->live[i]->failure_message : NULL;
		if (!text || strstr(err->text, text) || vss_str_eq(text, r->told))
			continue;
		VSS_AUTOFREE char *full = vss_logical_full(c->live[i]->logical_path, c->live[i]->name, '/');
		vss_complain("writer \"%s\": component %s: %s", r->writer->name, full, text);
		free(r->told);
		r->told = vss_strdup(text);
	}
}

int
vss_comeback_begin(struct vss_comeback *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++)
		c->raised = c->raised || c->v[i].hears;
	if (c->raised) {
		int rc = vss_session_pre_restore(c->session, err);
		tell_messages(c, err);
		if (rc < 0)
			return -1;
	}
	return vss_services_stop(&c->around, err);
}

/* Where the ranges file of a partial file went, when that is not its own place; or NULL. */
static char *
ranges_file_of(const struct vss_wanted *wanted, const struct vss_bcd_partial *p)
{
	const char *file = p->ranges ? vss_ranges_file(p->ranges) : NULL;
	const struct vss_wanted_files *f = file ? vss_wanted_files_of(wanted, file + 1, S_IFREG) : NULL;
	const char *to = !f ? NULL : f->moved ? f->moved : f->used ? f->alternate : NULL;
	const char *below = to ? vss_path_below(file, f->files.path) : NULL;

	return below ? vss_path_join(to, below) : NULL;
}

static int
record_ranges_files(
	struct vss_comeback *c, const struct vss_returning *r, const struct vss_wanted *wanted, struct vss_err *err)
{
	for (size_t k = 0; k < r->component->npartials; k++) {
		VSS_AUTOFREE char *path = ranges_file_of(wanted, &r->component->partials[k]);
		if (path && vss_session_set_ranges_file_path(c->session, &r->writer->writer_id,
				    r->component->logical_path, r->component->name, k, path, err) < 0)
			return vss_wrap(err, "writer \"%s\"", r->writer->name);
	}
	return 0;
}

int
vss_comeback_record(struct vss_comeback *c, const struct vss_wanted *wanted, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].hears && record_ranges_files(c, &c->v[i], wanted, err) < 0)
			return -1;
	for (size_t i = 0; i < wanted->nfiles; i++) {
		const struct vss_wanted_files *f = &wanted->files[i];
		const struct vss_returning *r = f->component == SIZE_MAX ? NULL : &c->v[f->component];
		if (r && r->hears && f->used &&
			vss_session_add_alternative_location_mapping(c->session, &r->writer->writer_id,
				r->component->logical_path, r->component->name, &f->as_given, f->alternate, err) < 0)
			return vss_wrap(err, "writer \"%s\"", r->writer->name);
	}
	return 0;
}

/* R52: nothing written is another thing than something written. */
static enum vss_file_restore_status
status_of(const struct vss_comeback *c, size_t i, bool ok)
{
	if (ok && !c->failed[i])
		return VSS_RS_ALL;
	return c->wrote[i] ? VSS_RS_FAILED : VSS_RS_NONE;
}

/* R24: some want to hear how it ended only when their files could not go back to their places. */
static int
spare_writers(struct vss_comeback *c, bool ok, struct vss_err *err)
{
	for (size_t k = 0; k < c->nstored; k++) {
		bool hears = false, failed = false;
		for (size_t i = 0; i < c->n; i++) {
			if (c->v[i].writer != c->stored[k].writer || !c->v[i].hears)
				continue;
			hears = true;
			failed = failed || !ok || c->failed[i] || c->places[i]->decision.place != VSS_PLACE_ORIGINAL;
		}
		const struct vss_metadata *m = c->stored[k].metadata;
		if (hears && !vss_wants_post_restore(m->writer_restore, m->method, failed) &&
			vss_session_spare_post_restore(c->session, &m->writer_id, err) < 0)
			return -1;
	}
	return 0;
}

static int
post_restore(struct vss_comeback *c, bool ok, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		if (r->hears && vss_session_set_file_restore_status(c->session, &r->writer->writer_id,
					r->component->logical_path, r->component->name, status_of(c, i, ok), err) < 0)
			return -1;
	}
	if (spare_writers(c, ok, err) < 0)
		return -1;
	int rc = vss_session_post_restore(c->session, err);
	if (ok)
		tell_messages(c, err);
	return rc;
}

/* R62: it is told and never done. */
static void
tell_of_reboot(const struct vss_comeback *c)
{
	for (size_t k = 0; k < c->nstored; k++) {
		bool wrote = false;
		for (size_t i = 0; i < c->n; i++)
			wrote = wrote || (c->v[i].writer == c->stored[k].writer && c->v[i].present && c->wrote[i]);
		if (wrote && c->stored[k].metadata->reboot)
			vss_warn("writer \"%s\": the machine must be restarted before what was restored is used",
				c->stored[k].writer->name);
	}
}

/* Whatever else went wrong: that a service does not run is said. */
static int
tell_of_service(int rc, struct vss_err *why, int before, struct vss_err *err)
{
	if (rc == 0)
		return before;
	if (before < 0)
		vss_complain("%s", why->text);
	else
		*err = *why;
	return -1;
}

int
vss_comeback_end(struct vss_comeback *c, int rc, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	bool ok = rc == 0;

	rc = tell_of_service(vss_services_start(&c->around, &why), &why, rc, err);
	if (c->raised && post_restore(c, ok, &why) < 0 && rc == 0) {
		*err = why;
		rc = -1;
	}
	if (ok)
		rc = tell_of_service(vss_services_stop(&c->after, &why), &why, rc, err);
	rc = tell_of_service(vss_services_start(&c->after, &why), &why, rc, err);
	tell_of_reboot(c);
	return rc;
}

static void
clear_stored(struct vss_stored *s)
{
	vss_metadata_free(s->metadata);
	free(s->registration);
	free(s->wanted);
	free(s->spared);
	free(s->how);
	free(s->owner);
}

void
vss_comeback_clear(struct vss_comeback *c)
{
	for (size_t i = 0; i < c->nstored; i++)
		clear_stored(&c->stored[i]);
	free(c->stored);
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].told);
	for (size_t i = 0; c->own && i < c->n; i++)
		vss_place_clear(&c->own[i]);
	free(c->v);
	free(c->own);
	free(c->places);
	free(c->live);
	free(c->failed);
	free(c->wrote);
	vss_services_clear(&c->around);
	vss_services_clear(&c->after);
	vss_wanted_clear(&c->guarded);
	vss_session_free(c->session);
	memset(c, 0, sizeof *c);
	c->around = c->after = (struct vss_services)VSS_SERVICES_NONE;
}
