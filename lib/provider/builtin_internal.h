/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_BUILTIN_INTERNAL_H
#define VSS_PROVIDER_BUILTIN_INTERNAL_H

#include "provider/provider.h"

extern const struct vss_provider_ops vss_provider_btrfs, vss_provider_clone, vss_provider_fake;

#endif
