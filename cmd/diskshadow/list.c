/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "front/diskshadow.h"
#include "front/writers.h"

static int
list(struct shell *sh, const char *shadow, const char *set, struct vss_err *err)
{
	const struct vss_front_wish wish = { .shadow = shadow, .set = set, .shape = VSS_SHAPE_DISKSHADOW };
	const struct vss_front_aliases aliases = { shell_alias_of, sh };

	return vss_front_diskshadow_list(&wish, &aliases, err);
}

int
verb_list_shadows_all(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args;
	return list(sh, NULL, NULL, err);
}

int
verb_list_shadows_set(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	return list(sh, NULL, args->v[0], err);
}

int
verb_list_shadows_id(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	return list(sh, args->v[0], NULL, err);
}

int
verb_list_providers(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)sh, (void)args, (void)err;
	vss_front_diskshadow_providers();
	return 0;
}

static int
print_writers(const char *what, const struct vss_writer_reports *reports, struct vss_err *err)
{
	if (vss_str_caseeq(what, "status"))
		vss_front_writers_status(reports);
	else if (vss_str_caseeq(what, "detailed") || vss_str_caseeq(what, "metadata"))
		vss_front_writers_detailed(reports, vss_str_caseeq(what, "detailed"));
	else
		return vss_fail(err, VSS_USAGE, 0, "LIST WRITERS: '%s' is none of METADATA, DETAILED, STATUS", what);
	return 0;
}

int
verb_list_writers(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct vss_strv all = VSS_STRV_INIT;
	struct vss_writer_reports reports = { 0 };
	int rc = vss_list_writers(&reports, err);

	if (rc == 0)
		rc = vss_front_writers_choose(&reports, &all, false, err);
	if (rc == 0 && sh->job)
		vss_front_writers_current(&reports, vss_job_writers(sh->job));
	if (rc == 0)
		rc = print_writers(args->n ? args->v[0] : "metadata", &reports, err);
	vss_writer_reports_free(&reports);
	return rc;
}
