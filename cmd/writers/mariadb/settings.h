/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_SETTINGS_H
#define VSS_WRITER_MARIADB_SETTINGS_H

#include "config.h"
#include "server.h"

#include "base/err.h"

#include <stddef.h>

/**
 * Where a server has its data: its system variables by their names ("datadir", "log_bin_basename"), asked of a server that
 * runs or read from the option files of one that does not.
 */
struct settings {
	struct setting {
		char *key, *value;
	} * v;
	size_t n, cap;
};
/* clang-format off */
#define SETTINGS_INIT { NULL, 0, 0 }
/* clang-format on */

void settings_clear(struct settings *s);
/** NULL also when it is empty. */
const char *settings_get(const struct settings *s, const char *key);
void settings_set(struct settings *s, const char *key, const char *value);

int settings_ask(struct settings *out, struct server *server, struct vss_err *err);
/**
 * As the option files say for `c`; `version` (or NULL) is the server's, whose series has groups of its own.
 * No file, or no my_print_defaults to read it: nothing is set.
 */
int settings_read(struct settings *out, const struct config_instance *c, const char *version, struct vss_err *err);

#endif
