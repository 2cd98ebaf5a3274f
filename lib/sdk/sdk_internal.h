/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SDK_INTERNAL_H
#define VSS_SDK_INTERNAL_H

#include "sdk/vss-provider.h"

#include "base/buf.h"
#include "base/str.h"
#include "wire/conversation.h"
#include "wire/line.h"

#include <stdbool.h>
#include <stdint.h>

/* What a writer and a provider do differently in the same conversation. */
struct sdk_role {
	/** Do what w->event asks for: 0, or the failure that is its answer. */
	int (*handle)(struct vss_sdk *w);
	/** w->frozen, and w->deadline has passed: let go. */
	void (*pass_deadline)(struct vss_sdk *w);
	/** The coordinator is gone or has said bye: nothing stays frozen, nothing half-made. */
	void (*leave)(struct vss_sdk *w);
};

/* say.c fills in what a call-back says, statements.c says common ones whole; events.c knows the events; run.c has the conversation and the clock; provider.c is
 * the other role. */
struct vss_sdk {
	const struct sdk_role *role;
	const struct vss_sdk_ops *ops;		/* of a writer */
	const struct vss_sdk_handler *handlers; /* of a provider */
	void *self;
	struct vss_conversation talk;
	char *scratch;

	/* The event in hand: its own line first, then its argument lines. */
	struct vss_line *lines;
	size_t nlines, clines;
	char *seq;	   /* its number, as it was written */
	const char *event; /* its name, or that of the call-back that stands in for it */

	/* Its answer. */
	struct vss_buf said;	/* statements */
	struct vss_buf answers; /* keys of the answer */
	struct sdk_failure {
		bool given, veto;
		char *code, *message;
		long app;
	} failure;

	/* The freeze. */
	bool frozen;
	bool thawed_alone; /* at the deadline, so that the thaw to come has to fail */
	int64_t deadline;  /* monotonic */
	char *freeze_seq;
	int64_t limit_ms; /* of what a provider holds */

	bool begun;   /* prepare-backup ... post-snapshot: an abort has something to undo */
	bool opened;  /* prepare-backup ... backup-shutdown */
	bool leaving; /* bye was answered, or the other side is gone */
};

typedef int sdk_callback(struct vss_sdk *w, void *self);

/** A call-back outside its event: at the end of input or at the deadline there is nobody to answer. */
void sdk_call_alone(struct vss_sdk *w, sdk_callback *f, const char *event);
/** To the call-back it is a thaw, whatever event brought it about. */
int sdk_thaw(struct vss_sdk *w, enum vss_sdk_thaw_reason reason);
/** Do what w->event asks for: 0, or the failure that is its answer. */
int sdk_handle(struct vss_sdk *w);
/** The conversation on standard input and output, to its end: the status for main(). */
int sdk_converse(struct vss_sdk *w);
void sdk_clear_failure(struct vss_sdk *w);
void sdk_record_failure(struct vss_sdk *w, bool veto, const char *code, long app, char *message);

#endif
