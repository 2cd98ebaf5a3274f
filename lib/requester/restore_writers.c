/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_writers.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/decide.h"
#include "model/logical.h"
#include "model/restore_select.h"
#include "requester/choice.h"
#include "requester/documents.h"

#include <stdlib.h>
#include <string.h>

/* By class and, where there is one, instance name; the instance ID of a stored document identifies nothing (M10). */
const struct vss_metadata *
vss_comeback_running(struct vss_session *s, const struct vss_bcd_writer *w)
{
	struct vss_writers *ws = vss_session_writers(s);

	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		const struct vss_metadata *m = vss_writers_at(ws, i)->metadata;
		if (m && vss_uuid_eq(&m->writer_id, &w->writer_id) &&
			(!w->instance_name || vss_str_eq(m->instance_name, w->instance_name)))
			return m;
	}
	return NULL;
}

/* D3: without its document nobody knows what a component is. */
static int
check_known(const struct vss_stored *s, struct vss_err *err)
{
	for (size_t k = 0; k < s->writer->ncomponents; k++) {
		const struct vss_bcd_component *c = &s->writer->components[k];
		if (vss_metadata_find(s->metadata, c->logical_path, c->name))
			continue;
		VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
		return vss_fail(
			err, VSS_INVALID, 0, "component %s is not in the document of its writer in the archive", full);
	}
	return 0;
}

static int
read_documents(struct vss_comeback *c, struct vss_archive_reader *r, const struct vss_bcd *bcd, struct vss_err *err)
{
	c->stored = vss_alloc((bcd->nwriters + 1) * sizeof *c->stored);
	c->nstored = bcd->nwriters;
	for (size_t i = 0; i < bcd->nwriters; i++) {
		struct vss_stored *s = &c->stored[i];
		s->writer = &bcd->writers[i];
		s->metadata = vss_read_metadata(r, s->writer, &s->registration, err);
		if (!s->metadata || check_known(s, err) < 0)
			return vss_wrap(err, "writer \"%s\"", s->writer->name);
		size_t n = s->metadata->ncomponents + 1;
		s->wanted = vss_alloc(n * sizeof *s->wanted);
		s->spared = vss_alloc(n * sizeof *s->spared);
		s->how = vss_alloc(n * sizeof *s->how);
		s->owner = vss_alloc(n * sizeof *s->owner);
	}
	return 0;
}

static int
open_session(struct vss_comeback *c, struct vss_bcd *bcd, struct vss_err *err)
{
	struct vss_session_options o = { .context = VSS_CTX_BACKUP };

	if (!bcd->nwriters) {
		vss_bcd_free(bcd);
		return 0;
	}
	c->session = vss_session_new_for_restore(&o, bcd, err);
	if (!c->session) {
		vss_bcd_free(bcd);
		return -1;
	}
	if (vss_session_gather_writer_metadata(c->session, err) < 0)
		return -1;
	for (size_t i = 0; i < c->nstored; i++)
		c->stored[i].present = vss_comeback_running(c->session, c->stored[i].writer);
	return 0;
}

int
vss_comeback_new(struct vss_comeback *c, struct vss_archive_reader *r, struct vss_bcd *bcd,
	const struct vss_restore_request *q, struct vss_wanted *wanted, struct vss_err *err)
{
	*c = (struct vss_comeback){ .more = c->more, .around = VSS_SERVICES_NONE, .after = VSS_SERVICES_NONE };
	vss_wanted_init(&c->guarded, NULL);
	if (read_documents(c, r, bcd, err) < 0) {
		vss_bcd_free(bcd);
		return -1;
	}
	if (open_session(c, bcd, err) < 0 || vss_comeback_choose(c, q, wanted, err) < 0)
		return -1;
	c->own = vss_alloc((c->n + 1) * sizeof *c->own);
	c->places = vss_alloc((c->n + 1) * sizeof *c->places);
	c->live = vss_alloc((c->n + 1) * sizeof *c->live);
	c->failed = vss_alloc((c->n + 1) * sizeof *c->failed);
	c->wrote = vss_alloc((c->n + 1) * sizeof *c->wrote);
	for (size_t i = 0; i < c->n; i++) {
		c->places[i] = &c->own[i];
		c->own[i].decision.place = VSS_PLACE_ORIGINAL;
		c->own[i].plain = !c->v[i].present;
		c->live[i] = c->v[i].component; /* the session keeps the document where it is */
	}
	return 0;
}

static int
refuse_deep(const char *from, const struct vss_fileset *f, struct vss_err *err)
{
	return vss_fail(err, VSS_USAGE, 0,
		"--to: %s is only a part of the file set %s of a writer, which moves as a whole", from, f->path);
}

static int
map_files(struct vss_comeback *c, struct vss_moves *moves, struct vss_wanted_files *f, struct vss_err *err)
{
	const struct vss_returning *r = &c->v[f->component];
	const char *to = vss_alternate_of(r->metadata, &f->as_given);

	f->alternate = to ? vss_choice_real_path(to) : NULL;
	f->moved = vss_moves_apply(moves, f->files.path);
	for (size_t i = 0; i < moves->n; i++)
		if (f->files.recursive && strcmp(moves->v[i].from, f->files.path) != 0 &&
			vss_path_is_below(moves->v[i].from, f->files.path))
			return refuse_deep(moves->v[i].from, &f->files, err);
	if (!f->moved || !r->hears || (r->metadata->schema & VSS_BS_WRITER_SUPPORTS_NEW_TARGET))
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"writer \"%s\": its files cannot be restored to another place with --to", r->writer->name);
}

int
vss_comeback_map(struct vss_comeback *c, struct vss_moves *moves, struct vss_wanted *wanted, struct vss_err *err)
{
	for (size_t i = 0; i < wanted->nfiles; i++)
		if (wanted->files[i].component != SIZE_MAX && map_files(c, moves, &wanted->files[i], err) < 0)
			return -1;
	return 0;
}

/* The methods that nobody can follow, whatever comes; what a look at the disk decides is decided after PreRestore (R9). */
static int
check_method(const struct vss_returning *r, struct vss_err *err)
{
	enum vss_restore_method method = r->metadata->method;

	if (r->metadata->writer_restore == VSS_WRE_UNDEFINED)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": its document does not say whether it takes part in a restore", r->writer->name);
	if (method == VSS_RME_UNDEFINED)
		return vss_fail(
			err, VSS_GRADE, 0, "writer \"%s\": its document names no restore method", r->writer->name);
	if (method == VSS_RME_CUSTOM)
		return vss_fail(err, VSS_UNSUPPORTED, 0,
			"writer \"%s\": restore method %s: only its own tool knows how: restore with --target and go "
			"on "
			"with that",
			r->writer->name, vss_restore_method_name(method));
	return 0;
}

static int
check_service(struct vss_comeback *c, const struct vss_returning *r, struct vss_err *err)
{
	enum vss_restore_method method = r->metadata->method;
	bool around = vss_method_stops_first(method);

	if (!around && method != VSS_RME_RESTORE_STOP_START)
		return 0;
	if (vss_services_add(around ? &c->around : &c->after, r->metadata->service, err) == 0)
		return 0;
	vss_wrap(err, "writer \"%s\": restore method %s: service", r->writer->name, vss_restore_method_name(method));
	err->code = VSS_GRADE;
	return -1;
}

/* A backup that failed for this component is better than none, but not what its writer thinks that it is. */
static void
tell_of_failed_backup(const struct vss_returning *r)
{
	if (r->component->succeeded_known && !r->component->succeeded)
		vss_warn("writer \"%s\": component %s: its backup did not succeed, something of it is missing",
			r->writer->name, r->component->name);
}

static const struct vss_stored *
stored_of(const struct vss_comeback *c, const struct vss_returning *r)
{
	size_t i = 0;

	while (c->stored[i].writer != r->writer)
		i++;
	return &c->stored[i];
}

static int
select_set(struct vss_comeback *c, const struct vss_returning *r, struct vss_err *err)
{
	const struct vss_stored *s = stored_of(c, r);
	const struct vss_bcd_component *top = r->component;

	if (vss_session_set_selected_for_restore(c->session, &r->writer->writer_id, top->logical_path, top->name, err) <
		0)
		return -1;
	for (size_t j = 0; j < s->metadata->ncomponents; j++) {
		const struct vss_component *sub = &s->metadata->components[j];
		if (s->how[j] == VSS_SELECT_SUBCOMPONENT && s->owner[j] == r->index &&
			vss_session_add_restore_subcomponent(c->session, &r->writer->writer_id, top->logical_path,
				top->name, sub->logical_path, sub->name, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_targets(struct vss_comeback *c, const struct vss_wanted *wanted, struct vss_err *err)
{
	for (size_t i = 0; i < wanted->nfiles; i++) {
		const struct vss_wanted_files *f = &wanted->files[i];
		const struct vss_returning *r = f->component == SIZE_MAX ? NULL : &c->v[f->component];
		if (r && r->hears && f->moved &&
			vss_session_add_new_target(c->session, &r->writer->writer_id, r->component->logical_path,
				r->component->name, &f->as_given, f->moved, err) < 0)
			return vss_wrap(err, "writer \"%s\"", r->writer->name);
	}
	return 0;
}

static bool
has_files(const struct vss_wanted *wanted, size_t component)
{
	for (size_t i = 0; i < wanted->nfiles; i++)
		if (wanted->files[i].component == component && wanted->files[i].matched)
			return true;
	return false;
}

void
vss_comeback_leave(struct vss_comeback *c, const struct vss_wanted *wanted)
{
	for (size_t i = 0; i < c->n; i++)
		if (!has_files(wanted, i))
			c->v[i].chosen = c->v[i].hears = false;
}

int
vss_comeback_check(struct vss_comeback *c, const struct vss_restore_request *q, const struct vss_wanted *wanted,
	struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		if (!r->chosen || !r->present)
			continue;
		if (check_method(r, err) < 0 || check_service(c, r, err) < 0 || (r->hears && select_set(c, r, err) < 0))
			return -1;
		tell_of_failed_backup(r);
	}
	return add_targets(c, wanted, err) < 0 ? -1 : vss_comeback_wish(c, q, err);
}

void
vss_comeback_tell(const struct vss_comeback *c)
{
	const struct vss_bcd_writer *told = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		if (!r->hears || r->writer == told)
			continue;
		told = r->writer;
		vss_warn("writer \"%s\" is asked before its files are restored: it may refuse, make room, or send them "
			 "elsewhere, which nobody can tell now",
			r->writer->name);
	}
}
