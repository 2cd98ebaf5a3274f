/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WIRE_CONFIG_H
#define VSS_WIRE_CONFIG_H

#include "wire/line.h"

#include <stddef.h>

/**
 * A configuration file of a writer or a provider: lines in the grammar of the protocol (vss-writer(7)), blank ones
 * and those that begin with # passed over, blanks before a line too.  A line of nothing but key=value words is short for one
 * that begins with the word "options".
 */
struct vss_config_key {
	const char *key;	  /* the first word */
	unsigned min, max;	  /* words behind it */
	const char *const *pairs; /* keys of the key=value words that it may have, NULL-terminated; or NULL: none */
	/** -1 with the reason, without the place in the file; `ctx` is the caller's. */
	int (*take)(void *ctx, const struct vss_line *l, struct vss_err *err);
};
#define VSS_CONFIG_BYTES (1u << 20) /* of one file */

/**
 * Read `path` and hand each line to its key.  0; 1 when there is no such file; -1 with VSS_INVALID naming file and
 * line, or why it cannot be read.  What was taken until then stays taken.
 */
int vss_config_read(const char *path, const struct vss_config_key *keys, size_t nkeys, void *ctx, struct vss_err *err);
/** `text` as yes or no (also true, false, 1, 0); VSS_INVALID for anything else, *out as it was. */
int vss_config_bool(const char *text, bool *out, struct vss_err *err);

#endif
