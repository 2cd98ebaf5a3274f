/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TEST_PROVIDER_ACTIONS_H
#define VSS_TEST_PROVIDER_ACTIONS_H

#include "script.h"

#include "sdk/vss-provider.h"

struct test_provider {
	struct script script;
	int raw;			 /* standard output, past the SDK */
	int keepfd;			 /* the directory of the copies */
	char *set;			 /* that was begun and is not complete, or NULL */
	struct vss_strv shadows, mounts; /* its copies, and what they are of */
};

/** Is it an action that takes this many words? */
bool action_is_known(const char *name, size_t words);
/** Do what the script says for this event, before or after its work.  -1: the event has failed. */
int actions_run(const struct test_provider *t, struct vss_sdk *w, bool after);

#endif
