/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "copies/copies.h"
#include "front/revert.h"
#include "front/shadows.h"
#include "front/storage.h"
#include "front/volumes.h"
#include "front/writers.h"

static const struct vss_front_list as_text;

int
admin_list_providers(const struct admin_words *w, struct vss_err *err)
{
	(void)w;
	return vss_front_providers(&as_text, err);
}

int
admin_list_shadows(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_wish wish = {
		.volume = w->volume, .shadow = w->shadow, .set = w->set, .shape = VSS_SHAPE_VSSADMIN
	};
	struct vss_set_list sets = { 0 };
	struct vss_front_found found = { 0 };
	int rc = vss_copies_list(&sets, err);

	if (rc == 0)
		rc = vss_front_find(&sets, &wish, &found, err);
	if (rc == 0)
		rc = vss_front_shadows(&found, &as_text, err);
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	return rc;
}

int
admin_list_storage(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_storage which = { .volume = w->volume, .on = w->on, .shape = VSS_SHAPE_VSSADMIN };

	return vss_front_storage_list(&which, &as_text, err);
}

int
admin_list_volumes(const struct admin_words *w, struct vss_err *err)
{
	struct vss_volume_list volumes = { 0 };
	int rc = vss_volumes(false, &volumes, err);

	(void)w;
	if (rc == 0)
		rc = vss_front_volumes(&volumes, &as_text, err);
	vss_volume_list_free(&volumes);
	return rc;
}

int
admin_list_writers(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_strv all = VSS_STRV_INIT;
	struct vss_writer_reports reports = { 0 };
	int rc = vss_list_writers(&reports, err);

	(void)w;
	if (rc == 0)
		rc = vss_front_writers_choose(&reports, &all, false, err);
	if (rc == 0)
		rc = vss_front_writers_list(&reports, &as_text, err);
	vss_writer_reports_free(&reports);
	return rc;
}

int
admin_query_reverts(const struct admin_words *w, struct vss_err *err)
{
	return vss_front_open_reverts(w->volume, false, err);
}
