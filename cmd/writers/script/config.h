/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SCRIPT_CONFIG_H
#define VSS_WRITER_SCRIPT_CONFIG_H

#include "pair.h"

#define QEMU_HOOKS "/etc/qemu/fsfreeze-hook.d"
#define AZURE_FILE "/etc/azure/VMSnapshotScriptPluginConfig.json"
#define GOOGLE_DIR "/etc/google/snapshots"

/**
 * The pairs that the administrator has named directories for (vss-writer-script(8)):
 *
 *	qemu-hooks DIR... | google DIR... | azure DIR... [continue-on-failure=yes]	each with [from=PATH]
 *	pair NAME DIR... freeze=PATH thaw=PATH | hook=PATH			all with [timeout=SECONDS] [hold=files|log|none]
 *
 * 0, with the scripts of all of them looked at and trusted; 1 when there is no such file; -1.  `*out` is empty before, and
 * always to be cleared.
 */
int config_read(const char *path, struct pairs *out, struct vss_err *err);

#endif
