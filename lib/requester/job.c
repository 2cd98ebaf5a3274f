/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/job_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "copies/copies.h"
#include "copies/storage.h"

#include <stdlib.h>

static int
add_volumes(struct vss_plan *p, const struct vss_create_request *r, struct vss_err *err)
{
	for (size_t i = 0; i < r->volumes->n; i++) {
		struct vss_volume *v = vss_volume_named(r->volumes->v[i], err);
		if (!v || vss_plan_add_volume(p, v, err) < 0)
			return -1;
		if (r->volume_providers)
			p->volumes[p->nvolumes - 1].provider = vss_strdup(r->volume_providers[i]);
	}
	return 0;
}

/* M23 counts those that stay. */
static int
check_number(const struct vss_create_request *r, const struct vss_plan *p, struct vss_err *err)
{
	VSS_AUTOFREE const struct vss_volume **v = vss_alloc(p->nvolumes * sizeof *v);

	if (!(r->context & VSS_ATTR_PERSISTENT))
		return 0;
	for (size_t i = 0; i < p->nvolumes; i++)
		v[i] = p->volumes[i].volume;
	return vss_storage_before_creation(v, p->nvolumes, r->context, err);
}

/* What the request does not say, associations may (vssadmin's add shadowstorage). */
static int
choose_storage(struct vss_job *j, const struct vss_create_request *r, struct vss_err *err)
{
	const struct vss_plan *p = &j->plan;
	VSS_AUTOFREE struct vss_storage_asker *v = vss_alloc(p->nvolumes * sizeof *v);

	for (size_t i = 0; i < p->nvolumes; i++)
		v[i] = (struct vss_storage_asker){ p->volumes[i].volume,
			p->volumes[i].provider ? p->volumes[i].provider : r->provider };
	return r->storage ? 0 : vss_storage_chosen(v, p->nvolumes, &j->storage, err);
}

static struct vss_session *
new_session(const struct vss_create_request *r, const char *storage, struct vss_err *err)
{
	struct vss_session_options o = {
		.context = r->context,
		.type = r->type == VSS_BT_UNDEFINED ? VSS_BT_COPY : r->type,
		.storage = storage,
		.storage_size = r->storage_size,
		.storage_percent = r->storage_percent,
		.note = r->note,
		.tag = r->tag,
		.hold = r->hold,
		.hold_cgroups = r->hold_cgroups,
		.min_component_grade = r->min_grade,
		.min_path_grade = r->min_grade,
		.no_writers = r->no_writers,
		.skip_failed_writers = r->skip_failed_writers,
		.only_ask = r->dry_run,
	};
	return vss_session_new(&o, err);
}

int
vss_job_prepare(struct vss_job *j, const struct vss_create_request *r, struct vss_err *err)
{
	struct vss_plan *p = &j->plan;

	p->leave_out = r->leave_out;
	j->wishes = (struct vss_plan_wishes){
		.writers = r->writers,
		.exclude_writers = r->exclude_writers,
		.verify = r->verify,
		.lenient = r->lenient,
		.lists_left = r->lists_left,
		.provider = r->provider,
		.skip_failed_writers = r->skip_failed_writers,
		.fixed_volumes = true,
	};
	if (add_volumes(p, r, err) < 0 || (r->with_nested && vss_plan_add_nested(p, err) < 0) ||
		check_number(r, p, err) < 0 || choose_storage(j, r, err) < 0)
		return -1;
	const char *storage = r->storage ? r->storage : j->storage;
	j->session = new_session(r, storage, err);
	j->run = (struct vss_run){
		.session = j->session,
		.plan = p,
		.wishes = &j->wishes,
		.provider = r->provider,
		.storage = storage,
		.cgroups = r->hold_cgroups && r->hold_cgroups->n,
		.min_grade = r->min_grade,
		.wait_s = r->wait_s,
	};
	return j->session ? 0 : -1;
}

int
vss_job_begin(struct vss_job *j, const struct vss_create_request *r, struct vss_err *err)
{
	vss_copies_reap();
	return vss_job_prepare(j, r, err) < 0 ? -1 : vss_run_to_set(&j->run, err);
}

int
vss_job_left_out(size_t more, const struct vss_set *set, struct vss_err *err)
{
	size_t failed = vss_run_failed_writers(set) + more;

	if (!failed)
		return 0;
	return vss_fail(err, VSS_PARTIAL, 0, "%zu writer%s failed and %s left out", failed, failed == 1 ? "" : "s",
		failed == 1 ? "was" : "were");
}

/* Where copies have been shown they are taken away; one that is in use there is left for the next reap. */
static void
unexpose(struct vss_job *j)
{
	const struct vss_set *set = vss_session_set(j->session);

	for (size_t i = 0; set && !vss_uuid_is_nil(&set->owner) && i < set->nshadows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		if (vss_copies_unexpose_shadow(&set->shadows[i].id, &err) == 0)
			continue;
		vss_warn("shadow copy of %s: stays for now: %s", set->shadows[i].volume, err.text);
		vss_session_abandon(j->session);
	}
}

void
vss_job_clear(struct vss_job *j)
{
	if (j->session)
		unexpose(j);
	vss_session_free(j->session);
	vss_plan_clear(&j->plan);
	free(j->storage);
	j->storage = NULL;
}

int
vss_job_create(const struct vss_create_request *r, struct vss_job **out, struct vss_err *err)
{
	struct vss_job *j = vss_alloc(sizeof *j);
	int rc = vss_job_begin(j, r, err);

	if (rc < 0) {
		vss_job_free(j);
		return -1;
	}
	*out = j;
	return vss_job_left_out(j->plan.left_out, vss_job_set(j), err);
}

void
vss_job_keep(const struct vss_job *j)
{
	const struct vss_set *set = vss_job_set(j);

	if (set->context & VSS_ATTR_PERSISTENT)
		vss_storage_after_creation(set);
	if (set->context & VSS_ATTR_CLIENT_ACCESSIBLE)
		vss_copies_show_previous();
}

const struct vss_set *
vss_job_set(const struct vss_job *j)
{
	return vss_session_set(j->session);
}

struct vss_bcd *
vss_job_bcd(const struct vss_job *j)
{
	struct vss_bcd *bcd = vss_session_bcd(j->session);

	return bcd->component_mode ? bcd : NULL;
}

struct vss_writers *
vss_job_writers(const struct vss_job *j)
{
	return vss_session_writers(j->session);
}

const struct vss_plan *
vss_job_plan(const struct vss_job *j)
{
	return &j->plan;
}

void
vss_job_deleted_some(struct vss_job *j)
{
	vss_session_claim_again(j->session);
}

int
vss_job_complete(struct vss_job *j, struct vss_err *err)
{
	return vss_run_mark(j->session, &j->plan, err) < 0 ? -1 : vss_session_backup_complete(j->session, err);
}

void
vss_job_free(struct vss_job *j)
{
	if (j)
		vss_job_clear(j);
	free(j);
}

static void
delete_set(const struct vss_uuid *id)
{
	struct vss_set_list all = { 0 };
	struct vss_err err = VSS_ERR_INIT;
	unsigned deleted = 0;
	int rc = vss_copies_list(&all, &err);

	for (size_t i = 0; rc == 0 && i < all.n; i++)
		if (vss_uuid_eq(&all.v[i]->id, id))
			rc = vss_copies_delete_set(all.v[i], &deleted, &err);
	if (rc < 0)
		vss_warn("the shadow copy set stays: %s", err.text);
	vss_set_list_free(&all);
}

void
vss_job_undo(struct vss_job *j)
{
	const struct vss_set *set = j ? vss_job_set(j) : NULL;
	bool stays = set && vss_uuid_is_nil(&set->owner);
	struct vss_uuid id = stays ? set->id : (struct vss_uuid){ 0 };

	vss_job_free(j);
	if (stays)
		delete_set(&id);
}
