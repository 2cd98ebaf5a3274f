/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "front/restore_job.h"

static int
fill_in(const struct shell *sh, const char *verb, struct vss_restore_job_request *r, struct vss_err *err)
{
	if (sh->restore)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "%s: a restore was begun (END RESTORE)", verb);
	if (!sh->loaded)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "%s: no metadata was loaded (LOAD METADATA)", verb);
	*r = (struct vss_restore_job_request){ .from = sh->loaded, .verify = &sh->verify, .exclude = &sh->exclude };
	return 0;
}

int
verb_begin_restore(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_restore_job_request r;

	(void)args;
	return fill_in(sh, "BEGIN RESTORE", &r, err) < 0 ? -1 : vss_front_restore_begin(&r, &sh->restore, err);
}

int
verb_simulate_restore(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_restore_job_request r;

	(void)args;
	return fill_in(sh, "SIMULATE RESTORE", &r, err) < 0 ? -1 : vss_front_restore_simulate(&r, err);
}

int
verb_end_restore(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_restore_job *j = sh->restore;

	(void)args;
	if (!j)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "END RESTORE: no restore was begun (BEGIN RESTORE)");
	sh->restore = NULL;
	return vss_restore_job_end(j, true, err);
}
