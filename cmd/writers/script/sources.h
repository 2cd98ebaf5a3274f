/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SCRIPT_SOURCES_H
#define VSS_WRITER_SCRIPT_SOURCES_H

#include "pair.h"

/**
 * Scripts that other products have brought, read into the steps of a pair.  Each fails where there is nothing to run: a pair that was
 * configured and promises nothing is a mistake.
 */

/** Every executable of the directory p->from, in the order of names, with the argument freeze or thaw. */
int load_qemu_hooks(struct pair *p, struct vss_err *err);
/** pre.sh and post.sh in the directory p->from. */
int load_google(struct pair *p, struct vss_err *err);
/** VMSnapshotScriptPluginConfig.json at p->from, which must be readable by its owner alone. */
int load_azure(struct pair *p, struct vss_err *err);

#endif
