/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_SERVICE_H
#define VSS_OS_SERVICE_H

#include "base/err.h"

/**
 * Services of the machine, for a restore that has to stop one and start it again: units where systemd runs, else the scripts of
 * /etc/init.d.  A name is [A-Za-z0-9@_.:-]+ and does not begin with '-' or '.'; a script must belong to root or to the caller, it
 * and all directories above writable by nobody else.  $VSS_SERVICE_PATH (colon-separated directories; ignored when set-uid) is looked through
 * instead, for tests: for scripts, and for a `systemctl`, which is then asked whether systemd runs or not.
 */
enum vss_service_state {
	VSS_SERVICE_ABSENT,  /* no unit and no script of this name */
	VSS_SERVICE_STOPPED, /* not running; also one that failed */
	VSS_SERVICE_RUNNING, /* or on the way up or down */
};

/** How is it?  Fails with VSS_INVALID for a name that is none, VSS_DENIED, VSS_TIMEOUT, VSS_SYSTEM when nothing can be learned. */
int vss_service_look(const char *name, enum vss_service_state *out, struct vss_err *err);

/**
 * Stop it, and look that it is stopped; one that does not run needs nothing.  Fails with VSS_ABSENT, and VSS_BUSY when it runs on
 * although its script said done; a script that passes `timeout_ms` is killed (VSS_TIMEOUT).
 */
int vss_service_stop(const char *name, int timeout_ms, struct vss_err *err);

/** The same upwards; one that runs needs nothing. */
int vss_service_start(const char *name, int timeout_ms, struct vss_err *err);

#endif
