/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TRIAL_TRIAL_INTERNAL_H
#define VSS_TRIAL_TRIAL_INTERNAL_H

#include "trial/trial.h"

#include "base/uuid.h"
#include "model/metadata.h"
#include "writer/bare.h"
#include "writer/host.h"

/**
 *	trial.c		the table of checks		subject.c	who is tried, and what is known of him
 *	words.c		argument lines of events	probe.c		is the application usable?
 *	orderly.c	lives that the host leads	actor.c, actor_end.c	those that we lead
 *	check_*.c	the checks
 */
struct trial_note { /* what it noted of a component in a backup, for the restore */
	char *path, *name, *metadata, *stamp;
};
struct trial {
	const struct vss_trial *o;
	vss_trial_report *report;
	void *ctx;
	const char *check; /* in hand */

	char *dir;	    /* of our own: registration, scratch directories, copies */
	char *writers_path; /* what VSS_WRITERS_PATH was, or NULL */
	unsigned starts;
	bool probed_frozen;
	struct vss_registrations registered; /* the one writer */

	struct vss_uuid set;
	struct vss_metadata *metadata;	/* of the first identify */
	struct vss_strv identity;	/* its statements, sorted */
	struct vss_strv mounts, copies; /* volumes of its files, and what passes for their copies */
	int *mounted;			/* descriptors of those copies that are mounts */
	size_t nmounted, cmounted;
	struct trial_note *notes;
	size_t nnotes, cnotes;
};
const struct vss_registration *trial_subject(const struct trial *t);
void trial_tell(const struct trial *t, enum vss_trial_outcome outcome, const char *text);

/* What a check comes to: 0 all well, -1 not so, or this: it was not made; *err says why. */
#define TRIAL_SKIP 1
typedef int trial_run(struct trial *t, enum vss_event event, struct vss_err *err);

/* subject.c */
int trial_open(struct trial *t, struct vss_err *err);
void trial_close(struct trial *t);
/** Ask it once who it is; the rest depends on that. */
int trial_acquaint(struct trial *t, struct vss_err *err);
/** A directory for the scratch directory of one life. */
char *trial_scratch(struct trial *t, struct vss_err *err);

/* words.c */
enum trial_manner {
	TRIAL_PLAIN = 0,
	TRIAL_NO_WORDS = 1, /* events without argument lines */
	TRIAL_UNKNOWN = 2,  /* keys and lines that nobody knows among them */
	TRIAL_FUZZY = 4,    /* the volumes are no instant */
	TRIAL_FAILED = 8,   /* components that did not succeed */
	TRIAL_SCRATCH = 16, /* there is a scratch directory */
	TRIAL_LENIENT = 32, /* it may fail, as long as it says so */
};
struct trial_words {
	struct trial *t;
	enum vss_event event;
	unsigned manner;
};
vss_writer_args trial_words; /* ctx: struct trial_words */

/* probe.c */
/** The application takes writes now, or within the patience: 0 also when there is no probe. */
int trial_usable(struct trial *t, const char *when, struct vss_err *err);
/** The same at once: the probe is fit for its purpose. */
int trial_usable_now(struct trial *t, struct vss_err *err);
/** While it is frozen the probe's outcome is told, not judged; once. */
void trial_probe_frozen(struct trial *t);

/* orderly.c */
struct trial_life {
	const char *name, *what;
	const char *events; /* words behind hello and identify */
	unsigned manner;
	bool restore;
};
extern const struct trial_life trial_lives[];
extern const size_t trial_nlives;
int trial_lead(struct trial *t, const struct trial_life *life, struct vss_err *err);

/** A process that we lead ourselves. */
struct actor {
	struct trial *t;
	struct vss_bare_writer w;
	bool started, over; /* over: its process was seen to have ended */
	char *scratch;
	unsigned long seq; /* of the last event said */
	struct vss_buf complaint;
	/* The last answer. */
	struct vss_line answer;
	struct vss_line *said;
	size_t nsaid, csaid;
	struct vss_strv texts; /* `said`, as it was written */
};
/* clang-format off */
#define ACTOR_INIT(trial) { .t = (trial), .answer = VSS_LINE_INIT }
/* clang-format on */

#define ACTOR_STEP 7 /* from the number of an event to the next: nobody said that they follow one another */

/* actor.c: 0, or -1 with what was expected and what came. */
int actor_start(struct actor *a, unsigned manner, struct vss_err *err);
/** Say an event (any word); its argument lines are those of a backup or restore when the word is one of ours. */
int actor_say(struct actor *a, const char *event, unsigned manner, struct vss_err *err);
/** Freeze for so long. */
int actor_say_freeze(struct actor *a, unsigned window_ms, unsigned manner, struct vss_err *err);
/** The answer to the event `seq`, whatever it is. */
int actor_hear(struct actor *a, unsigned long seq, const char *event, struct vss_err *err);
bool actor_agreed(const struct actor *a); /* it was ok */
/** Say and hear; the answer has to be ok. */
int actor_ask(struct actor *a, enum vss_event event, unsigned manner, struct vss_err *err);
/** From hello through the events of a backup (or restore), up to and with `last`. */
int actor_go(struct actor *a, enum vss_event last, unsigned manner, struct vss_err *err);
/** Wait for a line that nobody asked for; 1 when it came, 0 when the time (ms) was over. */
int actor_overhear(struct actor *a, unsigned timeout_ms, struct vss_err *err);
/** Bytes as they are.  That it does not take them is no failure. */
int actor_put(struct actor *a, const void *p, size_t n, struct vss_err *err);
/** Once around the poll: until something happens or `deadline`. */
int actor_turn(struct actor *a, int64_t deadline, struct vss_err *err);
char *actor_answer_text(const struct actor *a);

/* actor_end.c */
void actor_end(struct actor *a); /* kill what is left of it; safe twice */
/** Its input ends. */
void actor_hang_up(struct actor *a);
/** Whatever it says from now on finds nobody; it can still hear. */
void actor_stop_reading(struct actor *a);
/** All that it shared with us is closed at once, as when a coordinator dies. */
void actor_vanish(struct actor *a);
/** It leaves now by itself.  A signal that ended it is a failure unless it is `allowed`. */
int actor_gone(struct actor *a, int allowed, struct vss_err *err);
/** Nothing that it has started holds the conversation open. */
int actor_released(struct actor *a, struct vss_err *err);
void actor_signal(struct actor *a, int sig, bool group);
/** A new start finds everything as it was. */
int trial_restart(struct trial *t, struct vss_err *err);

/* check_*.c */
int trial_same_identity(const struct vss_strv *before, const struct vss_strv *now, struct vss_err *err);
trial_run check_hello, check_identify_again, check_identify_frozen, check_unknown_words, check_unknown_event,
	check_slow_reader;
trial_run check_end, check_death, check_kill, check_terminate, check_bye, check_children;
trial_run check_deadline, check_tiny_window, check_overtaken, check_confirmed;

struct trial_garbage {
	const char *name, *what;
	const char *text; /* NULL: a line longer than any may be */
	size_t n;
};
extern const struct trial_garbage trial_garbages[];
extern const size_t trial_ngarbages;
int trial_throw(struct trial *t, const struct trial_garbage *g, struct vss_err *err);

#endif
