/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_TERM_INTERNAL_H
#define VSS_MODEL_TERM_INTERNAL_H

/**
 * One member of an enumeration: its VSS name ("VSS_WS_STABLE") and its word in documents ("STABLE").  A table holds
 * them in the order of their numbers; a gap has NULL for both, and `name` is NULL in enumerations that are ours alone.
 */
struct vss_term {
	const char *name, *word;
};

/** The index of the member that `text` means, or -1: its name, its name without "VSS_XX_", or its word; case and the
 * difference between '-' and '_' do not count.  `text` may be NULL. */
int vss_term_find(const struct vss_term *table, int n, const char *text);
/** `a` and `b` alike, but for case and '-' for '_'? */
int vss_term_same(const char *a, const char *b);
/** The name or the word of member `i`; that of member 0 when `i` is out of range. */
const char *vss_term_name(const struct vss_term *table, int n, int i);
const char *vss_term_word(const struct vss_term *table, int n, int i);

#define VSS_TERMS(table) (table), (int)(sizeof(table) / sizeof *(table))

#endif
