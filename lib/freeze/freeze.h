/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FREEZE_FREEZE_H
#define VSS_FREEZE_FREEZE_H

#include "base/err.h"
#include "os/volume.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * Talking to the freezer: a small process of its own that holds the writes of file systems (FIFREEZE) and the processes of
 * cgroups (cgroup v2 freezer), beside a sentinel that ends every hold by time, whoever dies or is stopped
 * (design: The freezer).  This room never freezes anything itself.
 *
 * The caller does nothing but poll while something is held: each call here writes one command or reads one answer, and
 * never blocks.  One hold for each struct vss_freeze; one thread.
 */
struct vss_freeze;

struct vss_freeze_options {
	/* One mount of each file system; several of one file system are one.  Opened by start, in this process. */
	const struct vss_volume *const *volumes;
	size_t nvolumes;
	const char *const *cgroups; /* directories of cgroup v2, checked by start */
	size_t ncgroups;
	int budget_ms; /* from the first hold until all is released by the freezer itself; 0: 10 s */
	int lockfd;    /* the creation lock, or -1: passed on, so that it is free only when nothing is held any more */
};

/**
 * Can the file system of this volume be held?  Says why not: not root (VSS_DENIED), its type cannot be frozen, it is a network or
 * FUSE file system, read-only, or has the run directory on it (VSS_UNSUPPORTED).  That somebody else has frozen it is known only when it is tried.
 */
bool vss_freeze_can(const struct vss_volume *v, struct vss_err *why);

/**
 * Start freezer and sentinel; both have everything open, memory locked, and the record in <run>/freeze written and read back when
 * this returns.  VSS_DENIED, VSS_INVALID (a cgroup that must not be frozen: our own, the terminal's, init.scope, udev ...;
 * named), VSS_UNSUPPORTED (cgroup v1; the record or the lock would lie on what is to be held), VSS_SYSTEM.
 */
struct vss_freeze *vss_freeze_start(const struct vss_freeze_options *o, struct vss_err *err);
/** The process group of a writer: when this process dies the sentinel gives it 1 s, then TERM, then KILL. */
int vss_freeze_add_group(struct vss_freeze *f, pid_t group, struct vss_err *err);

enum vss_freeze_command {
	VSS_FREEZE_PROCESSES, /* freeze the cgroups, and wait until each says that it is frozen */
	VSS_FREEZE_HOLD,      /* FIFREEZE every file system, those that stand on others first */
	VSS_FREEZE_RELEASE    /* thaw all, file systems in reverse order, then the cgroups */
};
int vss_freeze_ask(struct vss_freeze *f, enum vss_freeze_command c, struct vss_err *err);
/** Readable when the answer is there, or the hold has ended by itself. */
int vss_freeze_fd(const struct vss_freeze *f);
/**
 * 1: the command asked last is done, 0: not yet, -1: it failed.  A hold that failed is undone by then: VSS_BUSY (somebody else's
 * freeze, EBUSY), VSS_SYSTEM, VSS_TIMEOUT.  A release fails with VSS_E_HOLD_WRITES_TIMEOUT when anything was thawed
 * before it was asked: by the clock, the sentinel, or somebody else; nothing is held then either.
 */
int vss_freeze_answer(struct vss_freeze *f, struct vss_err *err);
/** Monotonic: when the file system of volume `i` of the options was held, and thawed; 0: not. */
int64_t vss_freeze_held_ns(const struct vss_freeze *f, size_t i);
int64_t vss_freeze_thawed_ns(const struct vss_freeze *f, size_t i);
/** Thaw whatever is held, wait for both processes, remove the record.  NULL is fine. */
void vss_freeze_end(struct vss_freeze *f);

/**
 * Thaw what dead runs have left held, by their records; mounts a file system privately where it is not mounted any more.  Each
 * is named by vss_warn; *thawed counts.  Of a freezer that lives nothing is touched.
 */
int vss_freeze_repair(unsigned *thawed, struct vss_err *err);
/** The same for a tool that is about to change something: nothing for who is not root, and what fails is a warning. */
void vss_freeze_reap(void);
/** What a repair would do, named by vss_warn and counted, and nothing is touched. */
int vss_freeze_left(unsigned *left, struct vss_err *err);

#endif
