/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_RBD_H
#define VSS_PROVIDER_RBD_H

#include "command.h"

#include "sdk/vss-provider.h"

struct rbd {
	struct command command;
	const char *sysfs;
	char *set;				   /* that was begun and is not complete, or NULL */
	struct vss_strv shadows, specs, snapshots; /* of the set: one of each for a copy */
};

/** Answer with this failure. */
int rbd_fail(struct vss_sdk *w, const struct vss_err *err);

/* copies.c: the events of finished copies. */
int rbd_surface(struct vss_sdk *w, void *self);
int rbd_unsurface(struct vss_sdk *w, void *self);
int rbd_exists(struct vss_sdk *w, void *self);
int rbd_delete(struct vss_sdk *w, void *self);
int rbd_list(struct vss_sdk *w, void *self);

#endif
