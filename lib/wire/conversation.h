/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WIRE_CONVERSATION_H
#define VSS_WIRE_CONVERSATION_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * One side of a conversation in lines over two descriptors, non-blocking both ways: the caller polls, fills,
 * takes whole lines, queues text and flushes.  No call waits.  What the other side may say between two
 * vss_conversation_restart() is bounded.
 */
#define VSS_CONVERSATION_BYTES (16u << 20)
#define VSS_CONVERSATION_LINES 1000000u

struct vss_conversation {
	int in, out;	      /* owned; -1 when closed.  They may be the same descriptor */
	struct vss_buf input; /* bytes read and not yet taken start at `taken` */
	size_t taken, scanned;
	size_t bytes, lines; /* taken since the last restart */
	struct vss_buf output;
	bool ended; /* end of file was read */
};

/** Takes over both descriptors and makes them non-blocking. */
void vss_conversation_init(struct vss_conversation *c, int in, int out);
/** Close both, free what was not read or written.  Safe twice. */
void vss_conversation_close(struct vss_conversation *c);
/** The other side gets end of input; what was queued and not written is dropped.  Reading goes on. */
void vss_conversation_hang_up(struct vss_conversation *c);
/** A new event: the limits start again. */
void vss_conversation_restart(struct vss_conversation *c);

/** Read what is there now.  0 (nothing there, or `ended`, are 0 too), or -1 VSS_SYSTEM. */
int vss_conversation_fill(struct vss_conversation *c, struct vss_err *err);
/**
 * The next whole line without its LF: 1 and *line, *n (not terminated; valid until the next fill or close), or
 * 0 when there is none yet.  -1 VSS_PROTOCOL: a line or the event is too long, or a last line has no end.
 */
int vss_conversation_next(struct vss_conversation *c, const char **line, size_t *n, struct vss_err *err);

/** Text to say: append to this, then flush. */
struct vss_buf *vss_conversation_queue(struct vss_conversation *c);
/**
 * Write what can be written now.  0: all of it is out; 1: some waits for POLLOUT; -1: the other side is gone
 * (EPIPE) or VSS_SYSTEM.  Never raises SIGPIPE on a socket; on a pipe the process has to ignore it.
 */
int vss_conversation_flush(struct vss_conversation *c, struct vss_err *err);

#endif
