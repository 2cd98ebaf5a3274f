/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TEST_WRITER_ACTIONS_H
#define VSS_TEST_WRITER_ACTIONS_H

#include "script.h"

#include "sdk/vss-writer.h"

/** A test writer at work. */
struct test_writer {
	struct script script;
	int raw; /* where its answers go, for saying what the SDK would not */
};

/** Is there an action of this name, with this many words behind it? */
bool action_is_known(const char *name, size_t words);
/** Do what the rules say for the event in hand; the result is that of a call-back. */
int actions_run(struct test_writer *t, struct vss_sdk *w);

#endif
