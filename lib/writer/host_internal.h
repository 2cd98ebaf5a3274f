/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_HOST_INTERNAL_H
#define VSS_WRITER_HOST_INTERNAL_H

#include "os/child.h"
#include "os/volume.h"
#include "wire/conversation.h"
#include "wire/program.h"
#include "writer/host.h"
#include "writer/registry.h"

#include <sys/types.h>

/**
 * What the files of the host share: one process or one connection per writer, driven by one poll loop.
 *
 *	process.c   start it, end it		answer.c    lines -> answers -> states
 *	service.c   reach one that runs already		identify.c  statements of identify -> metadata
 *	loop.c	    wait for anything that happens		known.c     its components by identity
 *	raise.c	    one event to many writers			statement.c values of later statements
 *	places.c    what metadata may name			memory.c    last known states
 */
/* Events sent and not yet answered: more than the longest life of a writer that is never waited for. */
#define HOST_OPEN_EVENTS 16
#define HOST_GRACE_MS 1000 /* end of input, then SIGTERM, then SIGKILL: this far apart */

struct host_writer {
	struct vss_writer pub; /* first: callers hold pointers to it */
	char *registration, *message, *scratch, *absent;
	char *label; /* "writer NAME" */
	struct vss_metadata *metadata;

	struct vss_child child; /* pid -1: never started, reaped, or a service */
	char *service;		/* the socket of a service that is its own writer, or NULL */
	uid_t peer;		/* who is to be at its other end beside root; the only one when `peer_named` */
	bool peer_named, connecting;
	int64_t next_try; /* while connecting */
	struct vss_conversation talk;
	struct vss_complaints errors;

	unsigned long seq; /* of the last event sent */
	struct host_event {
		unsigned long seq;
		enum vss_event event;
	} open[HOST_OPEN_EVENTS]; /* oldest first: a writer answers in order */
	size_t nopen;
	unsigned long freeze_seq; /* the freeze that it stands in */
	bool awaited;		  /* the newest open event has a caller waiting */
	bool fresh;		  /* it was just resolved: the caller has not been told */
	int64_t deadline;	  /* of the awaited event */
	bool withdrew;		  /* it thawed on its own and said so */
	bool parted;		  /* it answered bye: its end is in order */

	struct vss_line *said; /* statements since the last answer */
	size_t nsaid, csaid;
	struct vss_line *kept; /* pub.statements */

	int64_t silent_until; /* its output has ended: it is lost then, INT64_MAX: not so */
	int64_t next_signal;  /* monotonic, INT64_MAX: none; once its input has ended */
	bool terminated;      /* SIGTERM was sent: SIGKILL is next */
};

struct vss_writers {
	struct host_writer **v;
	size_t n, cap;
	size_t shown;	      /* the first ones: those behind are absent, and leaving */
	struct pollfd *polls; /* of the loop */
	struct host_poll *owners;
};

/* process.c */
struct host_writer *host_new(const struct vss_registration *r);
void host_free(struct host_writer *w); /* its process has ended */
/** Start its process, or reach its service, with `scratch_dir` (or NULL) to work in. */
int host_spawn(struct host_writer *w, const struct vss_registration *r, const char *scratch_dir, struct vss_err *err);
/** Has it a process or a connection that can say anything? */
bool host_is_open(const struct host_writer *w);
/** End its input; signals follow when it does not leave. */
void host_hang_up(struct host_writer *w);
/** The next signal is due. */
void host_signal_due(struct host_writer *w);
/** Its process has ended: reap it.  `*how` says how it ended, the caller frees it. */
void host_reap(struct host_writer *w, char **how);

/* service.c */
struct passwd;
/** Connect to the service at `path`, or begin to; `user`, unless NULL, has to be at its other end. */
int host_reach(struct host_writer *w, const char *path, const struct passwd *user, struct vss_err *err);
/** Try to connect again. */
void host_connect_due(struct host_writer *w);

/* known.c: the components of a writer by their identity: it may have many, and say many statements about each. */
struct host_known {
	void *tree;
};
/** The component `path`, `name`, which was not known yet, stands at `at`. */
void host_known_add(struct host_known *all, const char *path, const char *name, size_t at);
bool host_known_find(const struct host_known *all, const char *path, const char *name, size_t *at);
void host_known_free(struct host_known *all);

/* places.c */
int host_check_place(const struct vss_mount_list *mounts, const char *path, struct vss_err *err);
/** May these files be backed up at all, by where they lie?  VSS_UNSUPPORTED names the first that may not. */
int host_check_places(
	const struct vss_metadata *m, const struct vss_mount_list *mounts, const char *scratch, struct vss_err *err);

/* answer.c */
bool host_is_frozen(const struct host_writer *w);
int64_t host_window_end(const struct host_writer *w); /* INT64_MAX when it is not frozen */
/** Take all lines that have come. */
void host_hear(struct host_writer *w);
/** Note a failure; the first one of a session stays (it is the cause of the rest). */
void host_note_failure(struct host_writer *w, enum vss_event during, enum vss_code code, const char *message);
/** It is of no use any more: note the failure, end its input. */
void host_lose(struct host_writer *w, enum vss_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void host_clear_lines(struct vss_line *v, size_t n);

/* identify.c */
struct vss_metadata *host_metadata(const struct vss_line *lines, size_t n, struct vss_err *err);
/** May this statement be made at this event by a writer that published `m` (NULL: nothing yet)?  VSS_PROTOCOL says why not. */
int host_check_statement(
	const struct vss_line *l, enum vss_event during, const struct vss_metadata *m, struct vss_err *err);

/* statement.c */
/** A directory in its shortest form; what leads out of it again is no name for it.  NULL: refused. */
char *host_directory(const char *text, struct vss_err *err);
/** The values of a statement behind identify. */
int host_check_values(const struct vss_line *l, const struct vss_metadata *m, struct vss_err *err);
/** Does it name places of files?  Then: may they lie there (VSS_UNSUPPORTED)? */
bool host_names_places(const struct vss_line *l);
int host_check_named_places(
	const struct vss_line *l, const struct vss_mount_list *mounts, const char *scratch, struct vss_err *err);

/* loop.c */
enum host_turn { HOST_TURN_OVER, HOST_TURN_FD, HOST_TURN_INTERRUPT };
/**
 * Wait once, until something happens, `deadline` (monotonic ns) or the next time limit of a writer passes,
 * `fd` (or -1) is readable, or, with `interruptible`, an interruption; and deal with what writers said and
 * did.
 */
enum host_turn host_turn(struct vss_writers *ws, int fd, int64_t deadline, bool interruptible);

#endif
