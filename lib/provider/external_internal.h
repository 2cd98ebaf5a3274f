/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_EXTERNAL_INTERNAL_H
#define VSS_PROVIDER_EXTERNAL_INTERNAL_H

#include "provider/provider.h"
#include "wire/line.h"
#include "wire/program.h"

#include <pthread.h>
#include <stdatomic.h>

/**
 * Providers that are programs of their own (vss-provider(7)): arrays, clouds, RBD.  They speak the protocol of the writers with
 * the phases of a provider.
 *
 *	external_registry.c   NAME.provider files -> struct external    external_event.c    what is asked, and for how long
 *	external_talk.c       one process, one question, one answer     external_answer.c   lines -> answers
 *	external_set.c        a set in the making                       external_copies.c   finished copies
 *	external_reap.c       what dead runs left                       external.c          choice, and the table of functions
 *
 * A set in the making has a process of its own, so that one that stands still holds up nothing else; all other questions go to one
 * process for each provider, started when it is first needed.
 */
#define EXTERNAL_HOLD_MS 10000	  /* what it holds it releases by itself after this long (S72) */
#define EXTERNAL_LOCATOR_MAX 1024 /* bytes of the word by which it finds a copy again */

enum external_event {
	EXTERNAL_HELLO,
	EXTERNAL_VOLUME,
	EXTERNAL_CHECK,
	EXTERNAL_PLAN,
	EXTERNAL_BEGIN,
	EXTERNAL_PREPARE,
	EXTERNAL_PRE_COMMIT,
	EXTERNAL_COMMIT,
	EXTERNAL_POST_COMMIT,
	EXTERNAL_FINAL_COMMIT,
	EXTERNAL_ABORT,
	EXTERNAL_SURFACE,
	EXTERNAL_UNSURFACE,
	EXTERNAL_EXISTS,
	EXTERNAL_DELETE,
	EXTERNAL_LIST,
	EXTERNAL_USE,
	EXTERNAL_REVERT,
	EXTERNAL_BYE,
	EXTERNAL_EVENTS
};
const char *external_event_word(enum external_event e);
unsigned external_event_ms(enum external_event e); /* time to answer */

struct external_talk {	   /* a process of a provider's */
	const char *label; /* "provider NAME": for messages */
	unsigned limit_ms; /* no answer may take longer */
	struct vss_child child;
	struct vss_conversation talk;
	struct vss_complaints errors;
	bool open;   /* it can be asked */
	bool failed; /* what it answered last was a failure */
	bool parted; /* it answered bye */
	unsigned long seq;
	struct vss_line *said; /* statements of the answer heard last */
	size_t nsaid, csaid;
	struct vss_line answer; /* its `ok` */
};
#define EXTERNAL_TALK_NONE                                                                                             \
	{                                                                                                              \
		.child = VSS_CHILD_NONE, .talk = { .in = -1, .out = -1 }, .errors = {.fd = -1 }                        \
	}

struct external {
	struct vss_provider_ops ops; /* first: this is what the others hold */
	char *name, *title, *id, *file, *label, *version;
	struct vss_strv exec, environment;
	char *user;
	unsigned timeout_ms;
	char *refused; /* why it is not used, or NULL */
	/* Under the lock: */
	pthread_mutex_t lock;
	struct external_talk desk;
	bool met; /* it has said what it can do: */
	enum vss_provider_hold hold;
	bool can_revert, can_use;
	struct vss_err trouble; /* why it could not be asked last */
};

/* external_registry.c */
/** Those that are registered now, hardware before software, each by name; NULL-terminated.  Lives as long as the process. */
const struct vss_provider_ops *const *vss_externals(void);
/** Why the provider of that name is registered and not used, or NULL. */
const char *vss_external_refused(const char *name);
/** From now on their desks are closed when this process ends. */
void external_end_with_us(void);

/* external_talk.c */
struct external_question {
	enum external_event event;
	struct vss_buf pairs;	      /* of its own line: vss_line_add_pair() */
	struct vss_buf lines;	      /* argument lines */
	const atomic_bool *cancelled; /* stop waiting: or NULL */
};
/** Start its process and say hello; `who` is filled in on success. */
int external_talk_start(const struct external *p, struct external_talk *t, struct vss_err *err);
/**
 * Ask and wait for the answer, which is in `t` then.  Frees what the question holds.  Fails with the code of the provider's answer
 * (S80), with VSS_E_UNEXPECTED_PROVIDER_ERROR when it dies, is late or breaks the protocol (S81), with VSS_INTERRUPTED when it
 * was cancelled; but for the first of them `t` is not open any more.  Ends no process: that may take a while.
 */
int external_ask(struct external_talk *t, struct external_question *q, struct vss_err *err);
/** Say bye when it can be asked, and end the process whatever it does.  Safe on EXTERNAL_TALK_NONE. */
void external_talk_end(struct external_talk *t);

/* external_answer.c */
/**
 * Take one line.  1: it was the answer: t->answer, or with t->failed what *err says; 0: a statement; -1: VSS_PROTOCOL.
 */
int external_take_line(
	struct external_talk *t, enum external_event asked, const char *text, size_t n, struct vss_err *err);
void external_drop_answer(struct external_talk *t);
/** A value of the answer: key=yes|no. */
bool external_flag(const struct external_talk *t, const char *key);
/** VSS_PROTOCOL: the code that it is reported by. */
int external_breach(struct vss_err *err);

/* external.c */
extern const struct vss_provider_ops vss_external_ops; /* what is the same in all of them */
bool external_is(const struct vss_provider_ops *ops);
struct external *external_of(const struct vss_provider_ops *ops);
/** The question at the desk, which is locked until external_leave(): the answer is in p->desk.  Locked also on failure. */
int external_enter(struct external *p, struct external_question *q, struct vss_err *err);
void external_leave(struct external *p);
/** Ask what it can do, if that is not known yet. */
int external_meet(struct external *p, struct vss_err *err);
/** Why the last bid was -1. */
int vss_external_trouble(const struct vss_provider_ops *ops, struct vss_err *err);

/* external_volume.c */
/** ` mount=... source=...`: what is known of a volume, as words of a line. */
void external_describe(struct vss_buf *line, const struct vss_volume *v);

/* external_set.c */
int external_begin(struct vss_provider_set *ps, struct vss_err *err);
int external_pre_commit(struct vss_provider_set *ps, struct vss_err *err);
int external_commit(struct vss_provider_set *ps, struct vss_err *err);
int external_post_commit(struct vss_provider_set *ps, struct vss_err *err);
int external_final_commit(struct vss_provider_set *ps, struct vss_err *err);
int external_abort(struct vss_provider_set *ps, struct vss_err *err);
void external_done(struct vss_provider_set *ps);
int external_places_of(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err);
/** Its directory of set documents; with `make` it is made.  VSS_ABSENT. */
int external_open_place(const struct external *p, bool make, struct vss_err *err);
void external_place(const struct external *p, int fd, struct vss_provider_places *out);

/* external_copies.c */
int external_surface(const struct vss_shadow *s, const char *device, struct vss_err *err);
int external_unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err);
int external_expose(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err);
int external_unexpose(const struct vss_shadow *s, const char *path, struct vss_err *err);
int external_remove(const struct vss_shadow *s, struct vss_err *err);
int external_exists(const struct vss_shadow *s, struct vss_err *err);
int external_tidy(const struct vss_shadow *s, struct vss_err *err);
int external_use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err);
int external_revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err);

/* external_reap.c */
int external_reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err);

#endif
