/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FREEZE_PAGE_H
#define VSS_FREEZE_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What the coordinator, the freezer and the sentinel share: one locked mapping, laid out by the coordinator before the other two
 * start.  Everything that is looked up, opened or named is in it already; afterwards only the atomics change.  Nobody else can
 * see it: it is a memfd without a name.  Numbers of descriptors are the same in all three.
 */
enum {
	VSS_HOLD_FILE_SYSTEMS = 128,
	VSS_HOLD_CGROUPS = 32,
	VSS_HOLD_GROUPS = 256,
	VSS_HOLD_KICKED = 16,
	VSS_HOLD_NAME = 48
};
#define VSS_HOLD_MAGIC 0x76737331u
/* How long after the budget is over: the sentinel, and the coordinator after that. */
#define VSS_HOLD_LATE_MS 500
#define VSS_HOLD_LAST_MS 750
/* A FIFREEZE that takes longer is helped. */
#define VSS_HOLD_SLOW_MS 1000

enum vss_hold_phase {
	VSS_HOLD_IDLE,
	VSS_HOLD_FREEZING, /* FIFREEZE is about to be called, or in flight: FITHAW says EINVAL until it is back */
	VSS_HOLD_HELD,
	VSS_HOLD_THAWED,
	VSS_HOLD_FAILED, /* FIFREEZE said no: `error` */
};

struct vss_hold_fs {
	int fd;
	uint64_t dev; /* st_dev of its files */
	atomic_int phase, error;
	atomic_bool lost; /* it was not frozen any more when we thawed it */
	_Atomic int64_t started_ns, held_ns, thawed_ns;
};

struct vss_hold_cgroup {
	int freeze, events; /* cgroup.freeze to write, cgroup.events to read */
	char before;	    /* '0' or '1': what cgroup.freeze said */
	atomic_bool set;
};

struct vss_hold_group {
	int id;
	uint64_t start; /* of its leader, in ticks: another process of that number is not it */
};

/* A process whose system call was interrupted, because a FIFREEZE waited for it. */
struct vss_hold_kicked {
	int pid;
	char name[16];
};

enum vss_hold_result {
	VSS_HOLD_DONE,
	VSS_HOLD_ERROR,	  /* `sys` of file system or cgroup `which` */
	VSS_HOLD_TIMEOUT, /* cgroup `which` does not come to rest */
	VSS_HOLD_BROKEN,  /* see `broken` */
};

/* Why a hold ended that nobody asked to end. */
enum vss_hold_end {
	VSS_HOLD_WHOLE,
	VSS_HOLD_BY_CLOCK,
	VSS_HOLD_BY_FREEZER,	 /* it died */
	VSS_HOLD_BY_SENTINEL,	 /* it died */
	VSS_HOLD_BY_COORDINATOR, /* it died */
	VSS_HOLD_BY_STRANGER,	 /* somebody else thawed it */
};

/* What the coordinator sends, a byte each. */
enum { VSS_HOLD_PROCESSES = 'P', VSS_HOLD_VOLUMES = 'H', VSS_HOLD_RELEASE = 'R', VSS_HOLD_QUIT = 'Q' };

struct vss_hold_page {
	uint32_t magic;
	bool service; /* the sentinel is started by somebody else than the freezer */
	int32_t budget_ms;

	/* Descriptors; -1: there is none. */
	struct vss_hold_descriptors {
		int page;
		int commands;	 /* of a pipe, to read */
		int answers;	 /* of a pipe, to write: something has changed */
		int wake;	 /* eventfd: look at the page */
		int coordinator; /* pidfd */
		int timer;	 /* CLOCK_BOOTTIME: the budget is over; for the freezer */
		int late;	 /* half a second after that; for the sentinel */
		int slow;	 /* a FIFREEZE should be back by now; for the sentinel */
		int record;	 /* locked while one of the two lives */
		int record_dir;	 /* where it lies */
		int lock;	 /* the creation lock */
		int proc;	 /* /proc */
		int procs_of_2;	 /* cgroup.procs at the top of the cgroup v2 tree */
		int procs_of_1;	 /* the same of the v1 freezer */
	} d;
	char record_name[VSS_HOLD_NAME];

	atomic_int freezer, sentinel; /* their process ids, once they are ready */
	atomic_bool ended;	      /* the freezer leaves as it was told to */
	atomic_int broken;	      /* enum vss_hold_end, the first that happened */
	atomic_bool over;	      /* broken, and nothing is held any more */

	/* Answers: valid for the command numbered `answered` (the start is 1). */
	atomic_uint answered;
	atomic_int result, sys, which;

	atomic_size_t ngroups, nkicked;
	struct vss_hold_group groups[VSS_HOLD_GROUPS];
	struct vss_hold_kicked kicked[VSS_HOLD_KICKED];
	size_t nfs, ncgroups;
	struct vss_hold_fs fs[VSS_HOLD_FILE_SYSTEMS]; /* each before what it stands on */
	struct vss_hold_cgroup cgroups[VSS_HOLD_CGROUPS];
};

#define VSS_HOLD_DESCRIPTORS (sizeof(struct vss_hold_descriptors) / sizeof(int))
/** Every descriptor of the page, -1-terminated; `out` has room for VSS_HOLD_MANY. */
enum { VSS_HOLD_MANY = VSS_HOLD_FILE_SYSTEMS + 2 * VSS_HOLD_CGROUPS + 32 };
void vss_hold_descriptors(const struct vss_hold_page *p, int *out);
/** Map the page that `fd` is, locked; NULL: it is none. */
struct vss_hold_page *vss_hold_map(int fd);

/** Nothing of this file system is held, and nothing in flight. */
bool vss_hold_is_settled(const struct vss_hold_fs *fs);
bool vss_hold_all_settled(const struct vss_hold_page *p);
bool vss_hold_touched(const struct vss_hold_page *p); /* is anything held or in flight, cgroups too? */
/**
 * One FITHAW.  `sure`: no FIFREEZE of ours can be in flight any more, so EINVAL means that it is not frozen.  True when it is
 * settled now.
 */
bool vss_hold_thaw(struct vss_hold_fs *fs, bool sure);
/** Give the cgroups back what they had. */
void vss_hold_restore(struct vss_hold_page *p);
void vss_hold_break(struct vss_hold_page *p, enum vss_hold_end why); /* the first counts */
/** Nothing is held: the record goes. */
void vss_hold_forget(const struct vss_hold_page *p);
/** Tell the coordinator, the freezer and the sentinel that the page has changed. */
void vss_hold_tell(const struct vss_hold_page *p);

/** When a process began, in ticks since the start of the machine, by the text of its /proc/PID/stat; 0: it is none. */
uint64_t vss_hold_start_time(const char *stat);
/** Has the process of this pidfd ended? */
bool vss_hold_is_gone(int pidfd);
int64_t vss_hold_now(void); /* CLOCK_MONOTONIC, ns */

#endif
