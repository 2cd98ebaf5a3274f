/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_CONFIG_H
#define VSS_WRITER_LIBVIRT_CONFIG_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the administrator says (vss-writer-libvirt(8)): lines in the words of the protocol.
 *
 *	uri URI | virsh PATH | freeze-timeout MS | thaw-timeout MS | ignore GUEST
 *	guest NAME [no-agent=veto|crash] [other-disks=veto|skip]
 *	options [no-agent=veto|crash] [other-disks=veto|skip]
 */
struct config {
	char *uri;   /* NULL: the default, and that it was not said */
	char *virsh; /* NULL: looked for in PATH */
	struct config_guest {
		char *name;
		int crash, skip; /* -1: as the options say */
	} * guests;
	size_t nguests, cguests;
	struct vss_strv ignored;
	bool crash; /* a guest that cannot be frozen is copied as it is */
	bool skip;  /* disks that are no files of this machine are left out */
	unsigned freeze_ms, thaw_ms;
};
/* clang-format off */
#define CONFIG_INIT { .freeze_ms = 10000, .thaw_ms = 20000 }
/* clang-format on */
#define CONFIG_DEFAULT_URI "qemu:///system"

/**
 * `*out` is CONFIG_INIT.  0, also when there is no such file; -1 VSS_INVALID naming the line, or why it
 * cannot be read.  Always to be cleared.
 */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);
const char *config_uri(const struct config *c);
bool config_takes_crash(const struct config *c, const char *guest);
bool config_skips_others(const struct config *c, const char *guest);

#endif
