/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_DIRS_H
#define VSS_OS_DIRS_H

#include "base/err.h"
#include "base/str.h"

/**
 * Where the suite keeps its things.  Each place can be moved by the environment (ignored when set-uid), for tests and
 * unprivileged trials.  Strings are owned by the room and stay valid until the process ends.
 */
const char *vss_state_dir(void); /* $VSS_STATE_DIR, else /var/lib/vss */
const char *vss_run_dir(void);	 /* $VSS_RUN_DIR, else /run/vss */
const char *vss_limits_dir(void); /* of the administrator's limits of storage: $VSS_LIMITS_DIR, else /etc/vss/limits */
/** Search path for NAME.writer files: $VSS_WRITERS_PATH (colon-separated), else /etc/vss/writers.d, /usr/lib/vss/writers.d and PREFIX's. */
void vss_writers_path(struct vss_strv *out);
/** The same for NAME.provider files: $VSS_PROVIDERS_PATH, else providers.d in the same places. */
void vss_providers_path(struct vss_strv *out);
/** Where the lists of files are that no backup takes: $VSS_EXCLUDE_PATH (colon-separated), else /etc/vss/exclude.d. */
void vss_exclude_path(struct vss_strv *out);
/** Where the lists of writers are that block putting volumes back: $VSS_BLOCK_REVERT_PATH (colon-separated), else /etc/vss/block-revert.d. */
void vss_block_revert_path(struct vss_strv *out);
/** Where the scripts of services are: /etc/init.d, else $VSS_SERVICE_PATH (colon-separated): true when that is what it is. */
bool vss_services_path(struct vss_strv *out);
/** Make a directory and its missing parents, mode 0700 for those it makes.  An existing one must be a directory owned by us or root. */
int vss_make_dirs(const char *path, struct vss_err *err);
/** `dir/name` below vss_run_dir() or vss_state_dir(), the directory made if missing; the caller frees it; NULL on failure. */
char *vss_run_path(const char *dir, const char *name, struct vss_err *err);
char *vss_state_path(const char *dir, const char *name, struct vss_err *err);

#endif
