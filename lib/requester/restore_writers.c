/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_writers.h"

#include "base/log.h"
#include "base/mem.h"
#include "requester/documents.h"

#include <stdlib.h>
#include <string.h>

/* By name, registration or ID; an instance ID is good for the one archive that it stands in. */
static bool
is_meant(const struct vss_comeback *c, const struct vss_bcd *bcd, size_t i, const char *word)
{
	const struct vss_bcd_writer *w = &bcd->writers[i];
	struct vss_uuid id;

	if (vss_str_caseeq(word, w->name) || vss_str_caseeq(word, c->registrations[i]))
		return true;
	return vss_uuid_parse(word, &id) == 0 && (vss_uuid_eq(&id, &w->writer_id) || vss_uuid_eq(&id, &w->instance_id));
}

static bool
is_named(const struct vss_comeback *c, const struct vss_bcd *bcd, size_t i, const struct vss_strv *names)
{
	for (size_t k = 0; names && k < names->n; k++)
		if (is_meant(c, bcd, i, names->v[k]))
			return true;
	return false;
}

static int
check_names(const struct vss_comeback *c, const struct vss_bcd *bcd, const struct vss_strv *names, struct vss_err *err)
{
	for (size_t k = 0; names && k < names->n; k++) {
		bool found = false;
		for (size_t i = 0; i < bcd->nwriters && !found; i++)
			found = is_meant(c, bcd, i, names->v[k]);
		if (!found)
			return vss_fail(
				err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": not in the archive", names->v[k]);
	}
	return 0;
}

/* By class and, where there is one, instance name; the instance ID of a stored document identifies nothing (M10). */
static bool
is_here(struct vss_session *s, const struct vss_bcd_writer *w)
{
	struct vss_writers *ws = vss_session_writers(s);

	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		const struct vss_metadata *m = vss_writers_at(ws, i)->metadata;
		if (m && vss_uuid_eq(&m->writer_id, &w->writer_id) &&
			(!w->instance_name || vss_str_eq(m->instance_name, w->instance_name)))
			return true;
	}
	return false;
}

/* One that could not say who it is may be the one that is missed: its application may be running on the files that would be
 * replaced. */
static int
refuse_unknown(struct vss_session *s, const struct vss_bcd_writer *missed, struct vss_err *err)
{
	struct vss_writers *ws = vss_session_writers(s);

	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		const struct vss_writer *w = vss_writers_at(ws, i);
		if (!w->metadata)
			return vss_fail(err, VSS_GRADE, 0,
				"writer \"%s\" is not here, unless it is \"%s\", which failed to identify itself: mend "
				"that one, or "
				"switch it off: %s",
				missed->name, w->registration, w->message ? w->message : "it does not answer");
	}
	return 0;
}

/* The files of the component and of all below it (C12). */
static void
add_files(struct vss_wanted *to, const struct vss_metadata *m, const struct vss_bcd_component *c, size_t number)
{
	const struct vss_component *top = vss_metadata_find(m, c->logical_path, c->name);

	for (size_t i = 0; top && i < m->ncomponents; i++) {
		const struct vss_component *each = &m->components[i];
		if (each != top && !vss_component_is_ancestor(top, each))
			continue;
		for (size_t k = 0; k < each->nfiles; k++)
			vss_wanted_add_files(to, &each->files[k], number);
	}
}

static int
choose(struct vss_comeback *c, const struct vss_bcd *bcd, const struct vss_restore_request *q,
	struct vss_wanted *wanted, struct vss_err *err)
{
	bool by_path = q->what && q->what->n, by_name = q->writers && q->writers->n;

	for (size_t i = 0; i < bcd->nwriters; i++) {
		const struct vss_bcd_writer *w = &bcd->writers[i];
		bool present = is_here(c->session, w), meant = by_name ? is_named(c, bcd, i, q->writers) : !by_path;
		if (meant && !present && refuse_unknown(c->session, w, err) < 0)
			return -1;
		if (meant && !present)
			vss_warn("writer \"%s\" is not here: its files are restored as plain files", w->name);
		for (size_t k = 0; k < w->ncomponents; k++) {
			VSS_PUSH(c->v, c->n, c->cap) =
				(struct vss_returning){ w, &w->components[k], present, meant && present };
			if (meant && (present || by_name))
				add_files(wanted, c->metadata[i], &w->components[k], c->n - 1);
			else if (present)
				add_files(&c->guarded, c->metadata[i], &w->components[k], c->n - 1);
		}
	}
	wanted->components_only = by_name;
	return 0;
}

static int
open_session(struct vss_comeback *c, struct vss_bcd *bcd, struct vss_err *err)
{
	struct vss_session_options o = { .context = VSS_CTX_BACKUP };

	c->session = vss_session_new_for_restore(&o, bcd, err);
	return c->session ? vss_session_gather_writer_metadata(c->session, err) : -1;
}

static int
read_documents(struct vss_comeback *c, struct vss_archive_reader *r, const struct vss_bcd *bcd, struct vss_err *err)
{
	c->metadata = vss_alloc(bcd->nwriters * sizeof(struct vss_metadata *));
	c->registrations = vss_alloc(bcd->nwriters * sizeof(char *));
	c->nmetadata = bcd->nwriters;
	for (size_t i = 0; i < bcd->nwriters; i++) {
		c->metadata[i] = vss_read_metadata(r, &bcd->writers[i], &c->registrations[i], err);
		if (!c->metadata[i])
			return vss_wrap(err, "writer \"%s\"", bcd->writers[i].name);
	}
	return 0;
}

int
vss_comeback_new(struct vss_comeback *c, struct vss_archive_reader *r, struct vss_bcd *bcd,
	const struct vss_restore_request *q, struct vss_wanted *wanted, struct vss_err *err)
{
	memset(c, 0, sizeof *c);
	vss_wanted_init(&c->guarded, NULL);
	int rc = read_documents(c, r, bcd, err) < 0 || check_names(c, bcd, q->writers, err) < 0 ? -1 : 0;
	if (rc < 0 || !bcd->nwriters) {
		vss_bcd_free(bcd);
		return rc;
	}
	if (open_session(c, bcd, err) < 0)
		return -1;
	if (choose(c, bcd, q, wanted, err) < 0)
		return -1;
	c->failed = vss_alloc(c->n * sizeof *c->failed);
	c->if_not_there = vss_alloc(c->n * sizeof *c->if_not_there);
	c->makes_room = vss_alloc(c->n * sizeof *c->makes_room);
	return 0;
}

static const struct vss_metadata *
metadata_of(const struct vss_comeback *c, const struct vss_returning *r)
{
	for (size_t i = 0; i < c->nmetadata; i++)
		if (vss_uuid_eq(&c->metadata[i]->writer_id, &r->writer->writer_id) &&
			vss_uuid_eq(&c->metadata[i]->instance_id, &r->writer->instance_id))
			return c->metadata[i];
	return NULL;
}

static bool
wants_events(const struct vss_comeback *c, const struct vss_returning *r)
{
	return r->chosen && metadata_of(c, r)->writer_restore != VSS_WRE_NEVER; /* R23 */
}

/* The methods whose decision is "these places, or not at all"; the others are refused rather than guessed (R20). */
static int
check_method(struct vss_comeback *c, size_t i, struct vss_err *err)
{
	enum vss_restore_method method = metadata_of(c, &c->v[i])->method;

	c->if_not_there[i] = method == VSS_RME_RESTORE_IF_NOT_THERE;
	c->makes_room[i] = wants_events(c, &c->v[i]);
	if (c->if_not_there[i] || method == VSS_RME_RESTORE_IF_CAN_REPLACE)
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"writer \"%s\": its restore method %s cannot be followed in place: restore with --target and put the "
		"files back by hand",
		c->v[i].writer->name, vss_restore_method_name(method));
}

/* A backup that failed for this component is better than none, but not what its writer thinks that it is. */
static void
tell_of_failed_backup(const struct vss_returning *r)
{
	if (r->component->succeeded_known && !r->component->succeeded)
		vss_warn("writer \"%s\": component %s: its backup did not succeed, something of it is missing",
			r->writer->name, r->component->name);
}

int
vss_comeback_check(struct vss_comeback *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!c->v[i].chosen)
			continue;
		if (check_method(c, i, err) < 0)
			return -1;
		tell_of_failed_backup(&c->v[i]);
	}
	return 0;
}

int
vss_comeback_begin(struct vss_comeback *c, struct vss_err *err)
{
	bool any = false;

	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		if (!wants_events(c, r))
			continue;
		any = true;
		if (vss_session_set_selected_for_restore(
			    c->session, &r->writer->writer_id, r->component->logical_path, r->component->name, err) < 0)
			return -1;
	}
	if (!any)
		return 0;
	c->raised = true;
	return vss_session_pre_restore(c->session, err);
}

static enum vss_file_restore_status
status_of(const struct vss_comeback *c, size_t i, bool ok, bool touched)
{
	if (!touched)
		return VSS_RS_NONE;
	return ok && !c->failed[i] ? VSS_RS_ALL : VSS_RS_FAILED; /* R52 */
}

int
vss_comeback_end(struct vss_comeback *c, bool ok, bool touched, struct vss_err *err)
{
	if (!c->raised)
		return 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		if (wants_events(c, r) &&
			vss_session_set_file_restore_status(c->session, &r->writer->writer_id,
				r->component->logical_path, r->component->name, status_of(c, i, ok, touched), err) < 0)
			return -1;
	}
	return vss_session_post_restore(c->session, err);
}

void
vss_comeback_clear(struct vss_comeback *c)
{
	for (size_t i = 0; i < c->nmetadata; i++)
		vss_metadata_free(c->metadata[i]);
	for (size_t i = 0; i < c->nmetadata; i++)
		free(c->registrations[i]);
	free(c->metadata);
	free(c->registrations);
	free(c->v);
	free(c->failed);
	free(c->if_not_there);
	free(c->makes_room);
	vss_wanted_clear(&c->guarded);
	vss_session_free(c->session);
	memset(c, 0, sizeof *c);
}
