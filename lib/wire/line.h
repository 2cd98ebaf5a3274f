/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WIRE_LINE_H
#define VSS_WIRE_LINE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * One line of the protocol as words (vss-writer(7)): positional words first, then key=value words.
 *
 *	line = word *( SP word ) LF
 *	word = bare | "quoted" | key=bare | key="quoted"	(escapes in quotes: \" \\ \ooo)
 *
 * A bare word is made of [!-~] without " and \, and its first = splits it; a positional word that holds a = is
 * quoted. Values are bytes without NUL; control bytes stand only as \ooo.
 */
struct vss_line {
	char **words; /* positional */
	size_t nwords, cwords;
	struct vss_line_pair {
		char *key, *value;
	} * pairs;
	size_t npairs, cpairs;
};
/* clang-format off */
#define VSS_LINE_INIT { NULL, 0, 0, NULL, 0, 0 }
/* clang-format on */
#define VSS_LINE_MAX (1u << 20) /* bytes of one line */
#define VSS_LINE_KEYS 64	/* words with a key in one line: each is compared with each */

/** Free what it holds; it is an empty line then. */
void vss_line_clear(struct vss_line *l);
/**
 * Parse `n` bytes without the LF.  `*out` is a line made by VSS_LINE_INIT or an earlier call: what it held is
 * freed first. VSS_PROTOCOL with the reason; *out is empty then.
 */
int vss_line_parse(const char *s, size_t n, struct vss_line *out, struct vss_err *err);
const char *vss_line_word(const struct vss_line *l, size_t i);		       /* NULL when there are fewer */
const char *vss_line_get(const struct vss_line *l, const char *key);	       /* NULL when absent */
bool vss_line_flag(const struct vss_line *l, const char *key, bool otherwise); /* yes/no, true/false, 1/0 */

/** Building: words are quoted where they must be. */
void vss_line_begin(struct vss_buf *b, const char *first_word);
void vss_line_add(struct vss_buf *b, const char *word);
void vss_line_add_pair(struct vss_buf *b, const char *key, const char *value);
void vss_line_end(struct vss_buf *b); /* LF */

#endif
