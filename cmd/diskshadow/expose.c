/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "front/copies.h"
#include "front/word.h"

int
verb_expose(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_where at;

	if (vss_front_no_drive(args->v[1], err) < 0 || vss_front_where(args->v[1], &at, err) < 0)
		return -1;
	const struct vss_front_expose e = {
		.id = args->v[0],
		.path = at.path,
		.share = at.share,
		.word = args->v[1],
		.shape = VSS_SHAPE_DISKSHADOW,
		.own = shell_own_set(sh),
	};
	return vss_front_expose_shadow(&e, err);
}

int
verb_unexpose(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_front_expose e = { .shape = VSS_SHAPE_DISKSHADOW };
	struct vss_front_where at = { NULL, NULL };
	struct vss_uuid id;

	(void)sh;
	if (vss_uuid_parse(args->v[0], &id) == 0)
		e.hide = args->v[0];
	else if (vss_front_no_drive(args->v[0], err) < 0 || vss_front_where(args->v[0], &at, err) < 0)
		return -1;
	e.remove = at.path;
	e.unshare = at.share;
	return vss_front_expose_shadow(&e, err);
}
