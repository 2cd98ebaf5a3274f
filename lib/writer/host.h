/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_HOST_H
#define VSS_WRITER_HOST_H

#include "base/buf.h"
#include "base/err.h"
#include "model/grade.h"
#include "model/metadata.h"
#include "model/vocabulary.h"
#include "wire/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * The host's side of the writer protocol: one long-lived process, or one connection to a running service, per
 * writer and session (design: Writers).  All writers are served by one poll loop inside the calls below; no thread.  A writer that dies, stalls past its
 * deadline or breaks the protocol becomes FAILED with the VSS code of that phase; no call fails because one
 * writer did: look at each writer afterwards (W51).
 */
struct vss_writers;

struct vss_writer {			     /* read-only for callers but for `taking_part` */
	const char *registration;	     /* name of its .writer file */
	const struct vss_metadata *metadata; /* NULL when identify failed */
	enum vss_app_level level;
	unsigned freeze_timeout_ms;
	bool taking_part;   /* events after identify go to it; set by the session (W8) */
	bool alive;	    /* its process or service answers */
	pid_t group;	    /* its process group; 0: a service, or not started */
	const char *absent; /* why it has no part on this machine at all (vss_writers_all), or NULL */
	enum vss_writer_state state;
	enum vss_code error; /* VSS_OK or the VSS code */
	long app_error;
	const char *message;		   /* what it said or what became of it; NULL when nothing */
	bool vetoed;			   /* the error is a veto (W49), not a failed handler */
	enum vss_hold hold;		   /* from `ok hold=` at freeze */
	bool commits_stopped, confirmed;   /* `commits=stopped` at freeze; confirmed=yes at post-snapshot */
	int64_t frozen_ns, thawed_ns;	   /* monotonic: answer to freeze, answer to thaw; 0 none */
	const char *scratch;		   /* its scratch directory, or NULL */
	const struct vss_line *statements; /* statements of the last event it answered */
	size_t nstatements;
};

struct vss_writers_options {
	/* Where each writer gets a 0700 scratch directory of its own, named by its registration and owned by its User=; or
	 * NULL.  Those users have to get there: 0711 as it is made, and passable directories above it. */
	const char *scratch_dir;
	/* Should the writer with this registration be started at all?  NULL: all (W9). */
	bool (*enabled)(void *ctx, const char *registration);
	void *ctx;
	int identify_timeout_ms; /* 0: 10000 */
};

/**
 * What it said at `during` cannot be accepted by whoever has to act on it: it has failed there, unless it failed before. It
 * lives on, and may be told how things end.
 */
void vss_writer_refuse(struct vss_writer *w, enum vss_event during, const char *why);

/** Start every registered writer, say hello, ask identify, in parallel (GatherWriterMetadata).  Fails only when
 * nothing can work (no memory, no descriptors, interrupted). */
struct vss_writers *vss_writers_start(const struct vss_writers_options *o, struct vss_err *err);
/** Say bye, wait a moment, end the rest.  Frozen writers see end of input and thaw. NULL is fine. */
void vss_writers_end(struct vss_writers *ws);
size_t vss_writers_count(const struct vss_writers *ws);
/** The same with the absent ones behind the others: switched off, or nothing of theirs is on this machine. */
size_t vss_writers_all(const struct vss_writers *ws);
struct vss_writer *vss_writers_at(struct vss_writers *ws, size_t i);

/**
 * The part of `path` behind the writer's own scratch directory ("" for that itself), by its text; NULL: not in it.  The
 * caller frees it.
 */
char *vss_writer_within_scratch(const struct vss_writer *w, const char *path);

/** Which writers an event goes to; NULL: all that take part and are alive. */
typedef bool vss_writer_filter(void *ctx, const struct vss_writer *w);
/** Add argument lines of the event for this writer (vss_line_begin ... vss_line_end). */
typedef void vss_writer_args(void *ctx, const struct vss_writer *w, struct vss_buf *out);

struct vss_writers_event {
	enum vss_event event;
	vss_writer_filter *filter;
	vss_writer_args *args;
	void *ctx;
	int timeout_ms;	       /* for each writer; 0: the event's default */
	bool ignore_interrupt; /* thaw, abort, shutdown must run through */
	/* Called as each has answered, died or passed its deadline (ledger).  false: stop waiting for the others.  Or NULL. */
	bool (*on_answer)(void *ctx, const struct vss_writer *w);
};
/**
 * Raise one event: to all that it concerns at once, then wait for every answer, death or deadline.  While
 * writers are frozen their own freeze windows (frozen_ns + freeze_timeout_ms) are enforced here too.  Returns 0
 * when every writer was dealt with; -1 VSS_INTERRUPTED.
 */
int vss_writers_raise(struct vss_writers *ws, const struct vss_writers_event *e, struct vss_err *err);

enum vss_wait { VSS_WAIT_FD, VSS_WAIT_DEADLINE, VSS_WAIT_WRITER, VSS_WAIT_INTERRUPT };
/**
 * Wait while others work: until `fd` is readable (-1: none), `deadline` (monotonic ns) passes, a frozen writer
 * failed, spoke up (an early thaw), died or outlived its freeze window (*who), or an interruption.
 */
enum vss_wait vss_writers_wait(struct vss_writers *ws, int fd, int64_t deadline, struct vss_writer **who);

/**
 * Last known states (W52): kept in <state>/writers, written after each session that touched a writer, shown
 * until a later success; forgotten when the writer is absent.
 */
struct vss_writer_memory {
	char *registration, *name;
	enum vss_writer_state state;
	enum vss_code error;
	char *message;
	int64_t when_ns;
};
struct vss_writer_memories {
	struct vss_writer_memory *v;
	size_t n, cap;
};
void vss_writer_memories_free(struct vss_writer_memories *m);
int vss_writer_memories_read(struct vss_writer_memories *out, struct vss_err *err);
/** Note how the writers of this session ended.  Only those that took part, or failed at identify. */
int vss_writers_remember(struct vss_writers *ws, struct vss_err *err);

#endif
