/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_SDK_H
#define VSS_PROVIDER_SDK_H

#include "sdk/vss-writer.h"

/**
 * A provider in C: a table of call-backs by the names of the events, and vss_sdk_provide() from main().  The protocol is
 * vss-provider(7); link with -lvss.
 *
 *	hello -> { volume, check, plan, surface, unsurface, exists, delete, list, use, revert } -> bye
 *	hello -> begin -> prepare -> pre-commit -> commit -> post-commit -> final-commit -> bye.  abort may come at any time.
 *
 * What the library does for a provider: what it does for a writer (descriptors, SIGPIPE); from before pre-commit until
 * post-commit a clock runs, and when limit-ms are over `release` is called, and the set is answered with failures from then on;
 * a set that was begun and has not answered final-commit is aborted at the end of input, with what the event would say
 * not there: the provider remembers what it began.
 *
 * Call-backs use what vss-writer.h gives: vss_sdk_arg(), vss_sdk_lines(), vss_sdk_line_word(), vss_sdk_line_get() to read,
 * vss_sdk_answer(), vss_sdk_fail() to answer.  Each returns 0, or -1 after vss_sdk_fail() with one of the codes of the page.
 */
struct vss_sdk_handler {
	const char *event; /* "commit"; or "release": let go of what is held, nobody is there to answer */
	int (*run)(struct vss_sdk *w, void *self);
};

/** Speak until bye or the end of input; `handlers` ends with a NULL.  The status for main(): 0, or 1 when the conversation broke. */
int vss_sdk_provide(const struct vss_sdk_handler *handlers, void *self);

/** Statement at commit (with its locator) and list (NULL): there is a copy. */
void vss_sdk_copy(struct vss_sdk *w, const char *shadow, const char *locator);

#endif
