/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "front/copies.h"
#include "front/word.h"

/* Every form, in diskshadow's words; the set of this shell may be deleted although it is in use: by this shell. */
static int
delete_shadows(struct shell *sh, struct vss_front_delete *d, struct vss_err *err)
{
	d->shape = d->wish.shape = VSS_SHAPE_DISKSHADOW;
	d->keep = (struct vss_front_keep)VSS_FRONT_KEEP_NONE;
	d->own = shell_own_set(sh);
	int rc = vss_front_delete_shadows(d, err);
	if (sh->job)
		vss_job_deleted_some(sh->job);
	return rc;
}

int
verb_delete_all(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_delete d = { .all = true };

	(void)args;
	return delete_shadows(sh, &d, err);
}

static int
delete_of_volume(struct shell *sh, const char *volume, bool oldest, struct vss_err *err)
{
	struct vss_front_delete d = { .wish.volume = volume, .oldest = oldest };

	return vss_front_no_drive(volume, err) < 0 ? -1 : delete_shadows(sh, &d, err);
}

/* Scripts have the alias of a copy here, and mean that one. */
int
verb_delete_volume(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_uuid id;
	int rc = delete_of_volume(sh, args->v[0], false, err);

	if (rc == 0 || err->code != VSS_E_OBJECT_NOT_FOUND || vss_uuid_parse(args->v[0], &id) < 0)
		return rc;
	vss_forgive(err);
	return verb_delete_id(sh, args, err);
}

int
verb_delete_oldest(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	return delete_of_volume(sh, args->v[0], true, err);
}

int
verb_delete_set(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_delete d = { .wish.set = args->v[0] };

	return delete_shadows(sh, &d, err);
}

int
verb_delete_id(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_delete d = { .wish.shadow = args->v[0] };

	return delete_shadows(sh, &d, err);
}

int
verb_delete_exposed(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_where at;

	if (vss_front_no_drive(args->v[0], err) < 0 || vss_front_where(args->v[0], &at, err) < 0)
		return -1;
	struct vss_front_delete d = { .path = at.path, .share = at.share };
	return delete_shadows(sh, &d, err);
}

/* What was imported goes from this machine; the files that it was imported from stay. */
int
verb_mask(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_delete d = { .wish.set = args->v[0], .only = VSS_ATTR_IMPORTED };

	return delete_shadows(sh, &d, err);
}
