/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_LDIF_H
#define VSS_WRITER_OPENLDAP_LDIF_H

#include "base/err.h"

#include <stddef.h>

/**
 * Entries of LDIF text (RFC 2849) as slapcat writes it: folded lines are put together, base64 is
 * decoded, comments are passed over. Values from a URL are refused; values with a NUL in them, which
 * nothing that is looked for here can have, are left out.
 */
struct ldif_entry {
	struct ldif_value {
		char *attribute, *value;
	} * values; /* in the order of the text; the first one is "dn" */
	size_t nvalues, cvalues;
};

/** Call `take` for each entry; it returns -1 with *err to stop.  VSS_INVALID names the line. */
int ldif_read(const char *text, size_t n, int (*take)(void *ctx, const struct ldif_entry *e, struct vss_err *err),
	void *ctx, struct vss_err *err);
/**
 * The value of an attribute, number `nth` of several; NULL when there are fewer.  Names do not differ
 * by case.
 */
const char *ldif_value(const struct ldif_entry *e, const char *attribute, size_t nth);

#endif
