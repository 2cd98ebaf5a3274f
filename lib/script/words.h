/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SCRIPT_WORDS_H
#define VSS_SCRIPT_WORDS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/**
 * One line of a script as words, by the rules of diskshadow: blanks and tabs part words, double quotes keep blanks in one
 * and are taken away, a backslash is an ordinary character.  The room knows no verb.
 */

/** Nothing to do: blank, or a comment (`#`, `::`, or the word `rem`). */
bool vss_line_is_empty(const char *line);

/** The words, added to *out.  VSS_USAGE for a quote that is not closed; *out is as it was then. */
int vss_words_split(const char *line, struct vss_strv *out, struct vss_err *err);

#define VSS_WORDS_MAX (1u << 20) /* bytes of the words of a line with the values of its variables */

/** Where values of variables come from. */
struct vss_variables {
	const char *(*value)(void *ctx, const char *name); /* NULL: there is none of that name */
	/** Each one that is replaced, in their order; or NULL. */
	void (*used)(void *ctx, const char *name, const char *value);
	void *ctx;
};
/**
 * Replace every %name% in the words by its value, which is not looked at again and stays within its word; %% stands for one
 * percent sign, and one that no other closes for itself.  VSS_USAGE for an unknown name, and where they would be longer than
 * VSS_WORDS_MAX together; the words are as they were then.
 */
int vss_words_expand(struct vss_strv *words, const struct vss_variables *v, struct vss_err *err);

#endif
