/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/revert.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "copies/copies_internal.h"
#include "os/dirs.h"
#include "os/lock.h"

#include <stdlib.h>

void
vss_open_reverts_free(struct vss_open_reverts *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].volume);
		free(r->v[i].volume_id);
	}
	free(r->v);
	*r = (struct vss_open_reverts){ 0 };
}

/* The lock is only looked at: whoever took it for a moment would make a revert that begins then fail. */
static bool
is_running(const struct vss_shadow *s)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *name = copies_revert_lock_name(s);
	VSS_AUTOFREE char *dir = vss_path_join(vss_run_dir(), "revert");
	VSS_AUTOFREE char *path = vss_path_join(dir, name);
	int held = vss_lock_is_held(path, &err);

	if (held < 0)
		vss_info("%s: who puts it back cannot be seen: %s", s->volume, err.text);
	return held > 0;
}

static void
add_open(const struct copies_places *p, const struct vss_set *set, struct vss_open_reverts *out)
{
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_shadow *s = &set->shadows[i];
		if (copies_revert_is_open(p, &s->id))
			VSS_PUSH(out->v, out->n, out->cap) = (struct vss_open_revert){
				.shadow = s->id,
				.set = set->id,
				.volume = vss_strdup(s->volume),
				.volume_id = vss_strdup(s->volume_id),
				.running = is_running(s),
			};
	}
}

int
vss_copies_open_reverts(struct vss_open_reverts *out, struct vss_err *err)
{
	struct copies_places p;
	struct vss_set_list sets = { 0 };

	copies_places_recording(&p);
	int rc = copies_revert_any(&p) ? vss_catalog_scan(p.v, p.all.n, &sets, err) : 0;
	for (size_t i = 0; i < sets.n; i++)
		add_open(&p, sets.v[i], out);
	vss_set_list_free(&sets);
	copies_places_free(&p);
	return rc;
}
