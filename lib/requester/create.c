/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "copies/copies.h"
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

static struct vss_session *
new_session(const struct vss_create_request *r, struct vss_err *err)
{
	struct vss_session_options o = {
		.context = r->context,
		.type = VSS_BT_COPY,
		.storage = r->storage,
		.note = r->note,
		.tag = r->tag,
		.hold = r->hold,
		.min_component_grade = r->min_grade,
		.min_path_grade = r->min_grade,
		.no_writers = r->no_writers,
		.skip_failed_writers = r->skip_failed_writers,
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
create(const struct vss_create_request *r, struct vss_plan *p, struct vss_set **out, struct vss_err *err)
{
	struct vss_plan_wishes w = {
		.writers = r->writers,
		.exclude_writers = r->exclude_writers,
		.provider = r->provider,
		.skip_failed_writers = r->skip_failed_writers,
		.fixed_volumes = true,
	};
	int rc;
	struct vss_session *s = new_session(r, err);

	if (!s)
		return -1;
	struct vss_run with = { s, p, &w, r->provider, r->storage, r->min_grade, r->wait_s, NULL };
	if (r->dry_run) {
		rc = vss_run_dry(&with, out, err);
	} else {
		rc = vss_run_to_set(&with, err);
		if (rc == 0)
			rc = use_and_complete(r, s, p, err);
		if (vss_session_set(s))
			*out = vss_set_copy(vss_session_set(s));
	}
	vss_session_free(s);
	return rc;
}

int
vss_create_shadow(const struct vss_create_request *r, struct vss_set **out, struct vss_err *err)
{
	struct vss_plan p = { 0 };
	int rc;

	*out = NULL;
	if (!r->dry_run)
		vss_copies_reap();
	rc = add_volumes(&p, r->volumes, err);
	if (rc == 0)
		rc = create(r, &p, out, err);
	if (rc == 0) {
		size_t failed = vss_run_failed_writers(*out) + p.left_out;
		if (failed)
			rc = vss_fail(err, VSS_PARTIAL, 0, "%zu writer%s failed and %s left out", failed,
				failed == 1 ? "" : "s", failed == 1 ? "was" : "were");
	}
	vss_plan_clear(&p);
	return rc;
}
