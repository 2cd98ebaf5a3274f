/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/import.h"

#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "front/front.h"
#include "front/json.h"
#include "requester/transport.h"

#include <stdlib.h>

static void
tell_json(struct vss_jw *w, const struct vss_set *set)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "set_id", &set->id);
	vss_front_json_time(w, "created", set->created_ns);
	vss_jw_member_string(w, "host", set->host);
	vss_jw_member_string(w, "grade", vss_grade_word(set->grade));
	vss_jw_key(w, "shadows");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < set->nshadows; i++) {
		vss_jw_begin_object(w);
		vss_front_json_shadow(w, &set->shadows[i]);
		vss_jw_end_object(w);
	}
	vss_jw_end_array(w);
	vss_jw_end_object(w);
}

static void
tell_text(const struct vss_set *set, bool dry_run)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *host = vss_out_name(set->host ? set->host : "an unknown machine");

	vss_uuid_braced(&set->id, id);
	vss_out("%s shadow copy set %s of %s.\n", dry_run ? "Would import" : "Imported", id, host);
	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_AUTOFREE char *volume = vss_out_name(set->shadows[i].volume);
		VSS_AUTOFREE char *device = vss_out_name(dry_run ? NULL : set->shadows[i].device);
		vss_uuid_braced(&set->shadows[i].id, id);
		vss_out("    Shadow Copy ID: %s of %s\n", id, volume);
		if (!dry_run)
			vss_out("    Shadow Copy Volume Name: %s\n", device);
	}
}

static int
import_one(const struct vss_front_import *i, const char *document, struct vss_jw *w, struct vss_err *err)
{
	const struct vss_import_request r = { .document = document, .to = i->to, .dry_run = i->dry_run };
	struct vss_set *set = NULL;

	if (vss_import_set(&r, &set, err) < 0)
		return -1;
	if (w)
		tell_json(w, set);
	else if (i->dry_run || !i->quiet)
		tell_text(set, i->dry_run);
	vss_set_free(set);
	return 0;
}

static int
import_all(const struct vss_front_import *i, struct vss_jw *w, struct vss_err *err)
{
	for (size_t k = 0; k < i->documents->n; k++) {
		if (import_one(i, i->documents->v[k], w, err) == 0)
			continue;
		if (k == 0 || i->dry_run || err->code == VSS_INTERRUPTED)
			return -1;
		vss_say("%s", err->text);
		return vss_fail(err, VSS_PARTIAL, 0, "%zu of %zu sets were imported", k, i->documents->n);
	}
	return 0;
}

int
vss_front_import_shadow(const struct vss_front_import *i, struct vss_err *err)
{
	struct vss_jw *w = NULL;

	if (!i->to)
		return vss_fail(err, VSS_USAGE, 0, "say where the copies are to be kept: --to DIR");
	if (!i->dry_run)
		vss_copies_reap();
	if (i->json) {
		w = vss_out_json();
		vss_jw_begin_array(w);
	}
	int rc = import_all(i, w, err);
	if (w) {
		vss_jw_end_array(w);
		vss_out_json_end(w);
	}
	return rc;
}

int
vss_front_import_metadata(const struct vss_metadata_file *f, const char *to, struct vss_set **out, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(f->path);
	const struct vss_import_request r = { .document = f->transport, .to = to ? to : dir, .set_id = &f->set_id };

	if (!f->transport)
		return vss_fail(err, VSS_INVALID, 0, "%s: its shadow copies are not transportable", f->path);
	vss_copies_reap();
	return vss_import_set(&r, out, err);
}
