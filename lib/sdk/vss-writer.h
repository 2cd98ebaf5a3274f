/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SDK_H
#define VSS_WRITER_SDK_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A writer in C: fill in a struct of call-backs, call vss_sdk_run() from main().  The protocol is
 * vss-writer(7); link with -lvss.
 *
 *	start -> hello -> identify -> prepare-backup -> prepare-snapshot -> freeze -> thaw -> post-snapshot
 *	      -> backup-complete -> backup-shutdown -> bye
 *	restore: identify -> pre-restore -> post-restore -> bye.  abort may come at any time after prepare-backup, also twice.
 *
 * What the library does for a writer: descriptors 0 and 1 are taken away before the first call-back (stdin is
 * /dev/null, stdout is stderr), so that nothing that is printed can get between the lines; SIGPIPE is ignored;
 * a freeze is thawed exactly once, whatever happens: at thaw, at abort, at its deadline, at the end of input,
 * or at once when freeze failed.  One thread; a call-back is never interrupted.
 */
struct vss_sdk; /* one conversation; valid during vss_sdk_run() */

enum vss_sdk_thaw_reason {
	VSS_SDK_THAW_EVENT,    /* the thaw that was waited for */
	VSS_SDK_THAW_ABORT,    /* the set was given up */
	VSS_SDK_THAW_DEADLINE, /* nobody came in time: the copy must not be trusted, and the coordinator is told so */
	VSS_SDK_THAW_END_OF_INPUT, /* the coordinator is gone */
	VSS_SDK_THAW_FAILED	   /* freeze returned -1: undo what it had done by then */
};

/**
 * Call-backs.  Each returns 0 when it did its work, also when it called vss_sdk_veto(); or -1 when it failed,
 * after vss_sdk_fail() (without it the code is VSS_E_WRITERERROR_NONRETRYABLE).  NULL: nothing to do, the
 * answer is ok.  freeze and thaw go together: both or none.
 */
struct vss_sdk_ops {
	int (*hello)(struct vss_sdk *w, void *self); /* a session begins; the scratch directory is known */
	/** Say what there is: the same at every time, touching no state of an operation, as it may come in the
	 * middle of one. Saying nothing means: not present on this machine; vss_sdk_absent() says why. */
	int (*identify)(struct vss_sdk *w, void *self);
	int (*prepare_backup)(struct vss_sdk *w, void *self);
	int (*prepare_snapshot)(struct vss_sdk *w, void *self);
	int (*freeze)(struct vss_sdk *w, void *self); /* say with vss_sdk_hold() what it holds */
	/** Once for each freeze.  It must be able to undo a freeze that failed half-way. */
	int (*thaw)(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason);
	int (*post_snapshot)(struct vss_sdk *w, void *self);
	/** Undo prepare-backup and prepare-snapshot; the thaw has been done.  Once for each operation, also when
	 * input ends in the middle of it. */
	int (*abort)(struct vss_sdk *w, void *self);
	int (*backup_complete)(struct vss_sdk *w, void *self);
	int (*backup_shutdown)(struct vss_sdk *w, void *self);
	int (*pre_restore)(struct vss_sdk *w, void *self);
	int (*post_restore)(struct vss_sdk *w, void *self);
	int (*bye)(struct vss_sdk *w, void *self); /* the session is over */
};

/** Speak on standard input and output until bye or the end of input.  The status for main() to return: 0, or 1
 * when the conversation broke. */
int vss_sdk_run(const struct vss_sdk_ops *ops, void *self);
/**
 * The same on one connection that a running service has accepted (Socket= of vss-writer(7)); it is closed in the end.
 * Descriptors 0 and 1 and SIGPIPE stay as the service has them.  It returns when the session is over: a service with
 * other work to do gives it a thread, in which all call-backs run.
 */
int vss_sdk_run_on(const struct vss_sdk_ops *ops, void *self, int fd);

/**
 * Record a failure for the answer to the current event; the first one counts.  `code` is a name,
 * "VSS_E_WRITERERROR_RETRYABLE" or "RETRYABLE"; `app` a number of the application, 0 for none.
 */
int vss_sdk_fail(struct vss_sdk *w, const char *code, long app, const char *fmt, ...)
	__attribute__((format(printf, 4, 5))); /* returns -1 */
int vss_sdk_veto(struct vss_sdk *w, const char *code, long app, const char *fmt, ...)
	__attribute__((format(printf, 4, 5))); /* returns 0 */

/** In freeze: what is held: "files", "log", "bracket", "export" or "none" (the default); vss-writer(7),
 * CONSISTENCY. */
void vss_sdk_hold(struct vss_sdk *w, const char *hold);
/** In freeze: thaw after `ms` from now at the latest; the coordinator's window can only be made shorter. */
void vss_sdk_shorten_window(struct vss_sdk *w, long ms);
/** Another key of the answer: commits=stopped at freeze, confirmed=yes at post-snapshot. */
void vss_sdk_answer(struct vss_sdk *w, const char *key, const char *value);

/** In identify, when nothing else is said: why the application is not here ("no cluster in /etc/postgresql"). */
void vss_sdk_absent(struct vss_sdk *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** What the coordinator said with this event.  Strings are valid during the call-back; NULL when absent. */
const char *vss_sdk_event(const struct vss_sdk *w);		   /* "prepare-backup" */
const char *vss_sdk_arg(const struct vss_sdk *w, const char *key); /* of the event's line */
const char *vss_sdk_scratch(const struct vss_sdk *w); /* directory whose content goes into the archive, from hello */
size_t vss_sdk_lines(const struct vss_sdk *w);	      /* argument lines */
const char *vss_sdk_line_word(const struct vss_sdk *w, size_t line, size_t word);
const char *vss_sdk_line_get(const struct vss_sdk *w, size_t line, const char *key);
const char *vss_sdk_line_key(const struct vss_sdk *w, size_t line, size_t pair); /* for who wants them all */
/** Milliseconds that are left of the freeze window; -1 when not frozen. */
long vss_sdk_window_ms(const struct vss_sdk *w);
/** For a call-back that waits: has the coordinator said more meanwhile, which is abort, or is it gone?  Then what is
 * waited for is not wanted any more: return, the sooner the better. */
bool vss_sdk_is_called(const struct vss_sdk *w);

/**
 * Statements.  A statement is said word by word; values may hold any byte but NUL.
 *	vss_sdk_say(w, "backup-stamp"); vss_sdk_word(w, ""); vss_sdk_word(w, "main"); vss_sdk_word(w, stamp); vss_sdk_said(w);
 */
void vss_sdk_say(struct vss_sdk *w, const char *statement);
void vss_sdk_word(struct vss_sdk *w, const char *word);
void vss_sdk_pair(
	struct vss_sdk *w, const char *key, const char *value); /* behind the last word; a NULL value says nothing */
void vss_sdk_said(struct vss_sdk *w);

/** The common ones whole.  At identify: */
void vss_sdk_writer(struct vss_sdk *w, const char *id, const char *name, const char *usage, const char *source);
void vss_sdk_restore_method(struct vss_sdk *w, const char *method, const char *writer_restore, const char *service);
void vss_sdk_component(
	struct vss_sdk *w, const char *type, const char *logical_path, const char *name, const char *caption);
/** `kind`: "file", "database-file" or "log-file". */
struct vss_sdk_files {
	const char *kind, *logical_path, *name; /* of the component, which was said before */
	const char *dir, *spec;
	int recursive;
	/* Where to read them instead; within the scratch directory: laid over the copy (vss-writer(7)).  Or NULL. */
	const char *alternate;
	unsigned mask; /* bits of VSS for types of backup; 0: the default */
};
void vss_sdk_files(struct vss_sdk *w, const struct vss_sdk_files *f);
void vss_sdk_exclude(struct vss_sdk *w, const char *dir, const char *spec, int recursive);
void vss_sdk_exclude_from_snapshot(struct vss_sdk *w, const char *dir, const char *spec, int recursive);
/** Where these files may be restored to instead. */
void vss_sdk_alternate_location(struct vss_sdk *w, const char *dir, const char *spec, int recursive, const char *to);
/** What it can do beside full backups: words with one blank between, "incremental last-modify timestamped". */
void vss_sdk_backup_schema(struct vss_sdk *w, const char *words);

/**
 * Later; `logical_path` and `name` are those of a component that the event has an argument line for: one of another makes the
 * writer fail.  At any event but hello, identify and bye:
 */
void vss_sdk_evidence(struct vss_sdk *w, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** At prepare-backup and post-snapshot.  Metadata comes back at restore, the stamp at the next backup, as previous-stamp=. */
void vss_sdk_backup_metadata(struct vss_sdk *w, const char *logical_path, const char *name, const char *text);
void vss_sdk_backup_stamp(struct vss_sdk *w, const char *logical_path, const char *name, const char *text);
/** Only these ranges of the file; only while the line `backup` has partial-files=yes. */
struct vss_sdk_partial_file {
	const char *logical_path, *name;
	const char *dir, *file;
	const char *ranges;   /* "OFFSET:LENGTH,..." or "File=/absolute/path" */
	const char *metadata; /* or NULL */
};
void vss_sdk_partial_file(struct vss_sdk *w, const struct vss_sdk_partial_file *f);
/** Of these files only what was modified since; the backup schema has to say last-modify. */
struct vss_sdk_differenced_files {
	const char *logical_path, *name;
	const char *dir, *spec;
	int recursive;
	long long since_ns; /* since 1970, UTC; 0: since the backup that this one builds on */
};
void vss_sdk_differenced_files(struct vss_sdk *w, const struct vss_sdk_differenced_files *f);
/** At prepare-backup, post-snapshot and at restore: this component failed.  The answer is to be a veto with
 * VSS_E_WRITERERROR_PARTIAL_FAILURE. */
void vss_sdk_component_failure(
	struct vss_sdk *w, const char *logical_path, const char *name, const char *code, const char *message);
/** At pre-restore.  Metadata comes back at post-restore; `target`: "original", "alternate", "directed", "original-location". */
void vss_sdk_restore_metadata(struct vss_sdk *w, const char *logical_path, const char *name, const char *text);
void vss_sdk_restore_target(struct vss_sdk *w, const char *logical_path, const char *name, const char *target);
/** With the target "directed": these ranges of a file as it was backed up go there; equally many bytes on both sides. */
struct vss_sdk_directed_target {
	const char *logical_path, *name;
	const char *dir, *file, *ranges;
	const char *to_dir, *to_file, *to_ranges;
};
void vss_sdk_directed_target(struct vss_sdk *w, const struct vss_sdk_directed_target *t);

#endif
