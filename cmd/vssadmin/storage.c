/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "front/storage.h"

static struct vss_front_resize
request(const struct admin_words *w)
{
	return (struct vss_front_resize){
		.which = { .volume = w->volume, .on = w->on, .shape = VSS_SHAPE_VSSADMIN },
		.max_size = w->max_size,
	};
}

int
admin_add_storage(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_resize r = request(w);

	return vss_front_storage_add(&r, err);
}

int
admin_resize_storage(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_resize r = request(w);

	return vss_front_storage_resize(&r, err);
}

int
admin_delete_storage(const struct admin_words *w, struct vss_err *err)
{
	const struct vss_front_resize r = request(w);

	return vss_front_storage_delete(&r.which, w->quiet, err);
}
