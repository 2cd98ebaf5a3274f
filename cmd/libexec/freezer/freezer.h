/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FREEZER_H
#define FREEZER_H

#include "freeze/page.h"

#include <pthread.h>

/**
 * The freezer holds, the sentinel ends: two processes of one executable that share a page with the coordinator
 * (freeze/page.h).  Neither allocates, prints or opens files of others once it is ready; only the sentinel looks into /proc,
 * for who keeps a FIFREEZE waiting.
 */

/* --- setup.c --- */

/** Memory locked, stack touched, last to be killed for memory, served before others; signals of the terminal do not count. */
int prepare_process(void);
/** The page `fd` of process `pid`, and every descriptor in it under its own number: for one who has inherited none. */
struct vss_hold_page *adopt(int pid, int fd);
/** Out of the cgroups that whoever runs the coordinator may kill or freeze. */
void leave_cgroups(const struct vss_hold_page *p);
/** The sentinel as a child in a session of its own: its pidfd, or -1. */
int start_sentinel(const struct vss_hold_page *p);

/* --- workers.c: a thread for each file system, since FIFREEZE and FITHAW may block --- */

enum wish { WISH_NOTHING, WISH_HOLD, WISH_THAW };

struct workers {
	struct vss_hold_page *page;
	int freezer; /* its pidfd, in the sentinel: once it is gone nothing is in flight.  -1 in the freezer itself */
	struct worker {
		struct workers *all;
		struct vss_hold_fs *fs;
		int go; /* eventfd */
		atomic_int wish;
	} each[VSS_HOLD_FILE_SYSTEMS];
};
int start_workers(struct workers *w, struct vss_hold_page *p, int freezer);
void tell_worker(struct workers *w, size_t i, enum wish wish);
/** All that is not settled, what stands lowest first; uppermost ones wait in their own threads. */
void thaw_all(struct workers *w);

/* --- timers --- */

void arm(int timer, int64_t after_ms, int64_t every_ms); /* 0, 0: off */
bool drain(int fd);					 /* a timer or an eventfd: has it fired? */

/* --- hold.c, watch.c, kick.c --- */

int run_freezer(struct vss_hold_page *p);
int run_sentinel(struct vss_hold_page *p);
/** Interrupt every process inside a write to a file system whose FIFREEZE takes too long, and note who it was. */
void kick_slow(struct vss_hold_page *p);

#endif
