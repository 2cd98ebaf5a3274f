/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FREEZE_INTERNAL_H
#define VSS_FREEZE_INTERNAL_H

#include "base/uuid.h"
#include "freeze/freeze.h"
#include "freeze/page.h"
#include "freeze/record.h"
#include "os/child.h"

/** One hold, on the coordinator's side. */
struct vss_freeze {
	struct vss_hold_page *page;
	struct vss_freeze_record record;
	char *record_path;
	int marker;   /* the record, to write that something is held; without its lock */
	int commands; /* our end */
	int answers;  /* ours to read */
	int timer;    /* ours: the third clock */
	int ready;    /* epoll over all that may end a wait */
	struct vss_child child;
	int sentinel;  /* pidfd */
	size_t *fs_of; /* volume of the options -> file system of the page */
	size_t nvolumes;
	char **cgroups; /* as they were given, for messages */
	unsigned asked; /* commands, the start counted */
	bool marked, over;
};

/* --- can.c --- */

/** One of the directories of $VSS_FAKE_VOLUMES, which are volumes for trials. */
bool vss_freeze_is_trial(const struct vss_volume *v);

/* --- cgroup.c --- */

/** Open cgroup.freeze and cgroup.events of directory `path`, and look what it says now.  Refused: freeze.h. */
int vss_freeze_open_cgroup(const char *path, struct vss_hold_cgroup *out, struct vss_err *err);
/** Does process `pid` live in one of these cgroups, or below it?  1, 0, -1. */
int vss_freeze_in_cgroups(char *const *paths, size_t n, pid_t pid, struct vss_err *err);
/** cgroup.procs at the top of the cgroup v2 tree, and of the v1 freezer's; -1 where there is none that can be written. */
void vss_freeze_open_tops(int *v2, int *v1);

/* --- program.c --- */

/** The freezer, trusted; the caller frees it. */
char *vss_freeze_program(struct vss_err *err);
/** systemd-run, where systemd runs; NULL: it does not. */
char *vss_freeze_systemd_run(void);
/** The sentinel of the freezer `pid` as a transient service. */
int vss_freeze_start_service(const char *run, const char *program, pid_t pid, int page, struct vss_err *err);

/* --- layout.c --- */

/** Everything opened and laid out: the page whole, the record written and locked.  On failure the caller frees what there is. */
int vss_freeze_lay_out(struct vss_freeze *f, const struct vss_freeze_options *o, struct vss_err *err);

/* --- talk.c --- */

void vss_freeze_free(struct vss_freeze *f);
/** Both processes are ended, what is held let go by ourselves. */
void vss_freeze_take_over(struct vss_freeze *f, enum vss_hold_end why);

#endif
