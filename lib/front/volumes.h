/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_VOLUMES_H
#define VSS_FRONT_VOLUMES_H

#include "front/front.h"
#include "os/volume.h"
#include "provider/provider.h"

/** `\\?\Volume{id}\`; the caller frees it. */
char *vss_front_volume_name(const char *id);
/** `(/mount)\\?\Volume{id}\` with the mount point escaped for text, `(?)` where it is NULL; the caller frees it. */
char *vss_front_volume_display(const char *mount, const char *id);

/** For lists of copies: the volumes that are mounted, and the subvolumes within them.  What cannot be read is left out. */
void vss_front_volumes_known(struct vss_volume_list *out);
/** Where the volume `id` is now: at `recorded` if it is there too; NULL: nowhere. */
const char *vss_front_volume_at(const struct vss_volume_list *volumes, const char *id, const char *recorded);

/** vssadmin's `list volumes`, rows, or JSON.  Fails with VSS_USAGE for an unknown column. */
int vss_front_volumes(const struct vss_volume_list *volumes, const struct vss_front_list *how, struct vss_err *err);

/** vssadmin's `list providers`, rows, or JSON. */
int vss_front_providers(const struct vss_front_list *how, struct vss_err *err);
/** Ask it what it is, for lists.  One that cannot be asked is listed by what its registration says of it; vss_warn says so. */
void vss_front_provider_meet(const struct vss_provider_ops *p);

#endif
