/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/revert.h"

#include "base/mem.h"
#include "copies/copies.h"
#include "copies/revert.h"
#include "front/front.h"
#include "front/json.h"
#include "requester/revert.h"

#include <stdlib.h>

/* What is said of a copy that need not be in its set any more. */
struct done {
	struct vss_uuid id, set;
	char *volume;
	bool pending, declined;
};

static void
tell_json(const struct done *d, bool dry_run)
{
	struct vss_jw *w = vss_out_json();

	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &d->id);
	vss_front_json_uuid(w, "set_id", &d->set);
	vss_jw_path(w, "volume", d->volume);
	vss_jw_member_bool(w, "reverted", !dry_run && !d->pending);
	vss_jw_member_bool(w, "pending", d->pending);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}

static void
tell_vssadmin(const struct done *d)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(d->volume);

	vss_uuid_braced(&d->id, id);
	vss_out("\nSuccessfully reverted volume '%s' to shadow copy %s.\n", volume, id);
	if (d->pending)
		vss_out("This is complete when the volume is mounted next.\n");
}

static void
tell_text(const struct done *d, bool dry_run)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(d->volume);

	vss_uuid_braced(&d->id, id);
	if (dry_run)
		vss_out("Would put %s back to shadow copy %s.\n", volume, id);
	else if (d->pending)
		vss_out("%s will be as in shadow copy %s when it is mounted next, at the latest when the machine "
			"starts next.\n",
			volume, id);
	else
		vss_out("%s was put back to shadow copy %s.\n", volume, id);
}

static int
revert(const struct vss_front_revert *r, struct vss_set *set, size_t index, struct done *d, struct vss_err *err)
{
	struct vss_revert_wish wish = { .force = r->force, .at_boot = r->at_boot };
	const struct vss_shadow *s = &set->shadows[index];

	*d = (struct done){ .id = s->id, .set = set->id, .volume = vss_strdup(s->volume) };
	if (vss_copies_check_revert(set, index, err) < 0 || vss_check_blocked_revert(s, err) < 0)
		return -1;
	d->declined = !r->dry_run && r->confirm && !r->confirm(r->ctx, s);
	if (!r->dry_run && !d->declined && vss_copies_revert(set, index, &wish, err) < 0)
		return -1;
	d->pending = wish.pending;
	return 0;
}

int
vss_front_revert_shadow(const struct vss_front_revert *r, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };
	struct done d = { 0 };
	struct vss_set *set;
	size_t index;

	if (!r->dry_run)
		vss_copies_reap();
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = vss_copies_find_shadow(&sets, r->id, &set, &index, err);
	if (rc == 0 && revert(r, set, index, &d, err) < 0) {
		rc = vss_wrap(err, "shadow copy %s", r->id);
	} else if (rc == 0 && r->json) {
		tell_json(&d, r->dry_run);
	} else if (rc == 0 && !d.declined && (r->dry_run || !r->quiet)) {
		if (r->shape == VSS_SHAPE_VSSADMIN)
			tell_vssadmin(&d);
		else
			tell_text(&d, r->dry_run);
	}
	free(d.volume);
	vss_set_list_free(&sets);
	return rc;
}
