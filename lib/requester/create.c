/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "base/mem.h"
#include "copies/copies.h"
#include "copies/storage.h"
#include "requester/forecast_internal.h"
#include "requester/run.h"

static int
add_volumes(struct vss_plan *p, const struct vss_strv *words, struct vss_err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		struct vss_volume *v = vss_volume_named(words->v[i], err);
		if (!v || vss_plan_add_volume(p, v, err) < 0)
			return -1;
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

static struct vss_session *
new_session(const struct vss_create_request *r, struct vss_err *err)
{
	struct vss_session_options o = {
		.context = r->context,
		.type = VSS_BT_COPY,
		.storage = r->storage,
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

/* The set stands: let the command use it, then tell the writers (T2: not when the command failed). */
static int
use_and_complete(const struct vss_create_request *r, struct vss_session *s, struct vss_plan *p, struct vss_err *err)
{
	if (r->use && r->use(r->ctx, vss_session_set(s), err) < 0)
		return -1;
	if (vss_run_mark(s, p, err) < 0)
		return -1;
	return vss_session_backup_complete(s, err);
}

static int
make(const struct vss_create_request *r, const struct vss_run *with, struct vss_set **out, struct vss_err *err)
{
	struct vss_session *s = with->session;
	int rc = vss_run_to_set(with, err);

	if (rc == 0)
		rc = use_and_complete(r, s, with->plan, err);
	if (vss_session_set(s))
		*out = vss_set_copy(vss_session_set(s));
	return rc;
}

static int
left_out(size_t failed, struct vss_err *err)
{
	if (!failed)
		return 0;
	return vss_fail(err, VSS_PARTIAL, 0, "%zu writer%s failed and %s left out", failed, failed == 1 ? "" : "s",
		failed == 1 ? "was" : "were");
}

/* What comes of the request: a set, or what it would be. */
struct result {
	struct vss_set *set;
	struct vss_forecast *forecast;
};

static int
plan_and_run(const struct vss_create_request *r, struct vss_plan *p, struct result *out, struct vss_err *err)
{
	struct vss_plan_wishes w = {
		.writers = r->writers,
		.exclude_writers = r->exclude_writers,
		.provider = r->provider,
		.skip_failed_writers = r->skip_failed_writers,
		.fixed_volumes = true,
	};
	if (add_volumes(p, r->volumes, err) < 0 || (r->with_nested && vss_plan_add_nested(p, err) < 0) ||
		check_number(r, p, err) < 0)
		return -1;
	struct vss_session *s = new_session(r, err);
	if (!s)
		return -1;
	struct vss_run with = {
		.session = s,
		.plan = p,
		.wishes = &w,
		.provider = r->provider,
		.storage = r->storage,
		.cgroups = r->hold_cgroups && r->hold_cgroups->n,
		.min_grade = r->min_grade,
		.wait_s = r->wait_s,
	};
	int rc = r->dry_run ? vss_run_dry(&with, &out->forecast, err) : make(r, &with, &out->set, err);
	vss_session_free(s);
	return rc;
}

int
vss_create_shadow(const struct vss_create_request *r, struct vss_set **out, struct vss_err *err)
{
	struct vss_plan p = { 0 };
	struct result result = { 0 };

	vss_copies_reap();
	int rc = plan_and_run(r, &p, &result, err);
	*out = result.set;
	if (*out && r->context & VSS_ATTR_PERSISTENT && (rc == 0 || err->code == VSS_PARTIAL))
		vss_storage_after_creation(*out);
	if (rc == 0 && r->context & VSS_ATTR_CLIENT_ACCESSIBLE)
		vss_copies_show_previous();
	if (rc == 0)
		rc = left_out(vss_run_failed_writers(*out) + p.left_out, err);
	vss_plan_clear(&p);
	return rc;
}

int
vss_forecast_shadow(const struct vss_create_request *r, struct vss_forecast **out, struct vss_err *err)
{
	struct vss_create_request dry = *r;
	struct vss_plan p = { 0 };
	struct result result = { 0 };

	dry.dry_run = true;
	int rc = plan_and_run(&dry, &p, &result, err);
	*out = result.forecast;
	if (*out)
		vss_forecast_room(*out, NULL, r->storage);
	if (rc == 0)
		rc = left_out(p.left_out, err);
	vss_plan_clear(&p);
	return rc;
}
