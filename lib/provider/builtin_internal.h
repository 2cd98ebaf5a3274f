/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_BUILTIN_INTERNAL_H
#define VSS_PROVIDER_BUILTIN_INTERNAL_H

#include "provider/provider.h"

extern const struct vss_provider_ops vss_provider_btrfs, vss_provider_clone, vss_provider_fake, vss_provider_lvm,
	vss_provider_static;

/** All that are built in, in name order, the fake one too; NULL-terminated. */
const struct vss_provider_ops *const *vss_built_in_providers(void);

/**
 * $VSS_FAKE_VOLUMES is set: what lies on the machine's own volumes is not looked for, so that no
 * trial lists, deletes or reaps it.
 */
bool vss_in_trial(void);

#endif
