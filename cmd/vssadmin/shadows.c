/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "base/mem.h"
#include "front/copies.h"
#include "front/create.h"
#include "front/revert.h"

int
admin_create_shadow(const struct admin_words *w, struct vss_err *err)
{
	struct vss_front_create c = {
		.context = "client-accessible-writers",
		.writers.wait_s = w->auto_retry * 60,
		.shape = VSS_SHAPE_VSSADMIN,
	};
	struct vss_args args = { 0 };

	vss_strv_add(&args.operands, w->volume);
	int rc = vss_front_create_shadow(&c, &args, err);
	vss_args_free(&args);
	vss_front_writers_free(&c.writers);
	return rc;
}

static bool
ask_to_delete(void *ctx, size_t n)
{
	VSS_AUTOFREE char *what = vss_strf("delete %zu shadow copies", n);

	(void)ctx;
	return admin_ask(what);
}

int
admin_delete_shadows(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_delete d = {
		.wish = { .volume = w->volume, .shadow = w->shadow, .shape = VSS_SHAPE_VSSADMIN },
		.oldest = w->oldest,
		.all = w->all && !w->volume,
		.keep = VSS_FRONT_KEEP_NONE,
		.shape = VSS_SHAPE_VSSADMIN,
		.only = VSS_ATTR_CLIENT_ACCESSIBLE,
		.confirm = w->quiet ? NULL : ask_to_delete,
		.quiet = w->quiet,
	};

	return vss_front_delete_shadows(&d, err);
}

static bool
ask_to_revert(void *ctx, const struct vss_shadow *s)
{
	VSS_AUTOFREE char *volume = vss_out_name(s->volume);
	VSS_AUTOFREE char *what = vss_strf("revert '%s', and lose what was written to it since", volume);

	(void)ctx;
	return admin_ask(what);
}

int
admin_revert_shadow(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_revert r = {
		.id = w->shadow,
		.force = w->force_dismount,
		.shape = VSS_SHAPE_VSSADMIN,
		.confirm = w->quiet ? NULL : ask_to_revert,
		.quiet = w->quiet,
	};

	return vss_front_revert_shadow(&r, err);
}
