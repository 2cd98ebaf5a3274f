/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * A snapshot is made when its transaction is committed, and all snapshots of one transaction are
 * made at one moment of it.  So several become one instant when their calls meet in the same
 * transaction: one thread each, because a call waits for its commit; a directory each, because a
 * call locks it; and a leader ahead of them, a snapshot of an empty subvolume, whose commit they
 * all have to wait for, so that they go on together in the next.  Whether they did is read
 * afterwards.
 */

#define REAL_TIME_PRIORITY 10
#define HEADSTART_NS (200 * 1000) /* from the opening of the gate to the leader's call: all are awake by then */

/* All threads wait here, so that none of them starts when one cannot be made. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	size_t waiting;
	bool open, given_up;
	int64_t start_ns; /* monotonic: when the leader calls */
};

struct shot {
	struct gate *gate;
	int64_t after_ns; /* the leader's call */
	int source, dirfd;
	const char *name;
	bool writable;
	int rc;
	int64_t done_ns;
	struct vss_err err;
	pthread_t thread;
};

/* False: given up. */
static bool
pass(struct gate *g)
{
	pthread_mutex_lock(&g->mutex);
	g->waiting++;
	pthread_cond_broadcast(&g->changed);
	while (!g->open && !g->given_up)
		pthread_cond_wait(&g->changed, &g->mutex);
	bool go = !g->given_up;
	pthread_mutex_unlock(&g->mutex);
	return go;
}

static void *
shoot(void *arg)
{
	struct shot *s = arg;

	/*
	 * A hot writer must not run between two of these calls; without the privilege it may, and
	 * costs a try.
	 */
	(void)pthread_setschedparam(
		pthread_self(), SCHED_FIFO, &(struct sched_param){ .sched_priority = REAL_TIME_PRIORITY });
	if (!pass(s->gate))
		return NULL;
	int64_t at = s->gate->start_ns + s->after_ns;
	struct timespec t = { .tv_sec = at / VSS_S, .tv_nsec = at % VSS_S };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
	s->rc = vss_btrfs_snapshot(s->source, s->dirfd, s->name, s->writable, &s->err);
	s->done_ns = vss_now_mono();
	return NULL;
}

/* Signals belong to the threads of the caller. */
static int
start_thread(struct shot *s)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(&s->thread, NULL, shoot, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e;
}

static void
open_gate(struct gate *g, size_t n, bool give_up)
{
	pthread_mutex_lock(&g->mutex);
	while (!give_up && g->waiting < n)
		pthread_cond_wait(&g->changed, &g->mutex);
	g->start_ns = vss_now_mono() + HEADSTART_NS;
	g->open = true;
	g->given_up = give_up;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->mutex);
}

/* All shots at their times.  0 when each was made, else -1 with the error of the first that was not. */
static int
shoot_all(struct shot *shots, size_t n, struct vss_err *err)
{
	struct gate gate = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	size_t started;
	int e = 0;

	for (started = 0; started < n; started++) {
		shots[started].gate = &gate;
		shots[started].rc = -1;
		e = start_thread(&shots[started]);
		if (e)
			break;
	}
	open_gate(&gate, n, e != 0);
	for (size_t i = 0; i < started; i++)
		pthread_join(shots[i].thread, NULL);
	if (e)
		return vss_fail(err, VSS_SYSTEM, e, "start a thread for each snapshot");
	for (size_t i = 0; i < n; i++) {
		if (shots[i].rc) {
			*err = shots[i].err;
			return -1;
		}
	}
	return 0;
}

static int
read_generation(struct vss_btrfs_member *m, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = openat(m->dirfd, VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t id;

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the snapshot");
	return vss_btrfs_identify(fd, &id, &m->otransid, err);
}

/* What a try has made, whichever shots hit. */
static int
discard(struct vss_btrfs_member *m, size_t n, struct vss_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (vss_btrfs_destroy(m[i].dirfd, VSS_STORE_COPY, err))
			return vss_wrap(err, "%s", m[i].v->volume->mount);
	return 0;
}

/*
 * One try.  1 equal, 0 not, -1 failed; the leader's snapshot is gone, the others are there unless
 * it failed.
 */
static int
try_once(struct vss_btrfs_member *m, size_t n, struct shot *shots, int64_t lead_ns, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;
	bool equal = true;

	for (size_t i = 0; i < n; i++)
		shots[i + 1] = (struct shot){
			.after_ns = lead_ns,
			.source = m[i].source,
			.dirfd = m[i].dirfd,
			.name = VSS_STORE_COPY,
			.writable = m[i].writable,
		};
	int r = shoot_all(shots, n + 1, err);
	vss_stop_point("provider.btrfs.try");
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = read_generation(&m[i], err);
		m[i].committed_ns = shots[i + 1].done_ns;
		equal = equal && m[i].otransid == m[0].otransid;
	}
	if (r == 0)
		r = vss_btrfs_destroy(shots[0].dirfd, VSS_BTRFS_EMPTY, err);
	if (r == 0)
		return equal;
	/* The marks are there still: whoever reaps will finish what this cannot. */
	(void)vss_btrfs_destroy(shots[0].dirfd, VSS_BTRFS_EMPTY, &ignored);
	(void)discard(m, n, &ignored);
	return -1;
}

/*
 * Each call first writes out what is dirty in its own subvolume, which sets them apart.  The
 * session flushes before the first try; with six writers at full speed a try without this succeeded
 * 6 times in 100, with it 25 times.
 */
static int
flush_again(int fd, struct vss_err *err)
{
	return syncfs(fd) ? vss_fail(err, VSS_SYSTEM, errno, "flush the file system") : 0;
}

static int
commit_alone(struct vss_btrfs_member *m, struct vss_err *err)
{
	if (vss_btrfs_snapshot(m->source, m->dirfd, VSS_STORE_COPY, m->writable, err))
		return vss_wrap(err, "%s", m->v->volume->mount);
	m->committed_ns = vss_now_mono();
	return read_generation(m, err) ? -1 : 1;
}

static int
commit_together(struct vss_btrfs_member *m, size_t n, struct shot *shots, unsigned tries, const atomic_bool *cancelled,
	struct vss_err *err)
{
	const struct shot leader = shots[0];
	int r = 0;

	for (unsigned i = 0; i < tries && r == 0; i++) {
		if (i && (discard(m, n, err) || flush_again(leader.dirfd, err)))
			return -1;
		if (atomic_load(cancelled))
			return vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up");
		shots[0] = leader;
		r = try_once(m, n, shots, vss_btrfs_lead_us(i) * 1000LL, err);
	}
	return r;
}

int
vss_btrfs_commit(struct vss_btrfs_member *m, size_t n, int storefd, unsigned tries, const atomic_bool *cancelled,
	struct vss_err *err)
{
	if (n == 1)
		return commit_alone(m, err);
	VSS_AUTOCLOSE int empty = openat(storefd, VSS_BTRFS_EMPTY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	VSS_AUTOCLOSE int lead = openat(m[0].dirfd, VSS_BTRFS_LEAD, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (empty < 0 || lead < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the leader's subvolume");
	VSS_AUTOFREE struct shot *shots = vss_alloc((n + 1) * sizeof *shots);
	shots[0] = (struct shot){ .source = empty, .dirfd = lead, .name = VSS_BTRFS_EMPTY };
	return commit_together(m, n, shots, tries, cancelled, err);
}
