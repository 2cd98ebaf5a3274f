/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "front/break.h"
#include "front/revert.h"

int
verb_break(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct vss_front_break b = { .id = args->v[0] };

	(void)sh;
	return vss_front_break_shadow(&b, err);
}

int
verb_break_writable(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct vss_front_break b = { .id = args->v[0], .writable = true };

	(void)sh;
	return vss_front_break_shadow(&b, err);
}

int
verb_revert(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct vss_front_revert r = { .id = args->v[0] };

	(void)sh;
	return vss_front_revert_shadow(&r, err);
}

/* Resynchronisation writes to the disks of the copies' origin beneath its file systems; no provider can. */
int
verb_resync(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args;
	if (!sh->resync.n)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "RESYNC: no shadow copy was marked (ADD SHADOW)");
	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"RESYNC: no provider here writes a set of shadow copies back: REVERT puts back the volume of one");
}
