/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_CONFIG_H
#define VSS_WRITER_OPENLDAP_CONFIG_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the administrator says (vss-writer-openldap(8)): lines in the words of the protocol.
 *
 *	instance NAME config=DIR|conf=FILE [service=NAME] [stop-service=yes] [ldif=yes]
 *	ignore SUFFIX
 *	hold-timeout MS
 *	options [discover=no] [service=NAME] [stop-service=yes] [ldif=yes]
 */
struct config {
	struct config_instance {
		char *name;
		char *config, *conf;	/* slapd.d or slapd.conf: one of them, absolute, clean */
		char *service;		/* NULL: not said */
		int stop_service, ldif; /* -1: not said */
	} * instances;
	size_t ninstances, cinstances;
	struct vss_strv ignored; /* suffixes */
	char *service;		 /* of those that do not say it */
	bool discover, stop_service, ldif;
	unsigned hold_ms; /* how long to wait for the writers' locks, all databases together */
};
/* clang-format off */
#define CONFIG_INIT { .discover = true, .hold_ms = 10000 }
/* clang-format on */

/**
 * `*out` is CONFIG_INIT.  0, also when there is no such file; -1 VSS_INVALID naming the line, or why it
 * cannot be read.  Always to be cleared.
 */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);

#endif
