/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"

#define SECONDS 1000u
#define MINUTES (60 * SECONDS)

/* Between pre-commit and post-commit writers are frozen: a second or two is what S71 gives, and this is where patience ends. */
static const struct {
	const char *word;
	unsigned ms;
} events[EXTERNAL_EVENTS] = {
	[EXTERNAL_HELLO] = { "hello", 10 * SECONDS },
	[EXTERNAL_VOLUME] = { "volume", 10 * SECONDS },
	[EXTERNAL_CHECK] = { "check", 10 * SECONDS },
	[EXTERNAL_PLAN] = { "plan", 10 * SECONDS },
	[EXTERNAL_BEGIN] = { "begin", 30 * SECONDS },
	[EXTERNAL_PREPARE] = { "prepare", 60 * MINUTES },
	[EXTERNAL_PRE_COMMIT] = { "pre-commit", 5 * SECONDS },
	[EXTERNAL_COMMIT] = { "commit", 10 * SECONDS },
	[EXTERNAL_POST_COMMIT] = { "post-commit", 5 * SECONDS },
	[EXTERNAL_FINAL_COMMIT] = { "final-commit", 10 * MINUTES },
	[EXTERNAL_ABORT] = { "abort", 30 * SECONDS },
	[EXTERNAL_SURFACE] = { "surface", 60 * SECONDS },
	[EXTERNAL_UNSURFACE] = { "unsurface", 60 * SECONDS },
	[EXTERNAL_EXISTS] = { "exists", 30 * SECONDS },
	[EXTERNAL_DELETE] = { "delete", 10 * MINUTES },
	[EXTERNAL_LIST] = { "list", 60 * SECONDS },
	[EXTERNAL_USE] = { "use", 60 * SECONDS },
	[EXTERNAL_REVERT] = { "revert", 60 * MINUTES },
	[EXTERNAL_BYE] = { "bye", 1 * SECONDS },
};

const char *
external_event_word(enum external_event e)
{
	return events[e].word;
}

unsigned
external_event_ms(enum external_event e)
{
	return events[e].ms;
}
