/* SPDX-License-Identifier: BSD-2-Clause */
#include "freezer.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define STACK_BYTES (64 << 10)
#define TURN_MS 2

static void
hold(struct vss_hold_fs *fs)
{
	if (ioctl(fs->fd, FIFREEZE, 0) < 0) {
		atomic_store(&fs->error, errno);
		atomic_store(&fs->phase, VSS_HOLD_FAILED);
		return;
	}
	int phase = VSS_HOLD_FREEZING;
	atomic_store(&fs->held_ns, vss_hold_now());
	/* The sentinel may have thawed it before we came to say so. */
	atomic_compare_exchange_strong(&fs->phase, &phase, VSS_HOLD_HELD);
}

/*
 * Until it is certain.  The freezer's own thread is never here with a FIFREEZE in flight; for the sentinel one may be, as long as
 * the freezer lives: asked before the attempt, since it may come back and die in between.
 */
static void
thaw(const struct worker *w)
{
	for (;;) {
		bool sure = w->all->freezer < 0 || vss_hold_is_gone(w->all->freezer);
		if (vss_hold_thaw(w->fs, sure))
			return;
		poll(NULL, 0, TURN_MS);
	}
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	for (;;) {
		if (!drain(w->go))
			continue;
		enum wish wish = (enum wish)atomic_load(&w->wish);
		if (wish == WISH_HOLD)
			hold(w->fs);
		else if (wish == WISH_THAW)
			thaw(w);
		vss_hold_tell(w->all->page);
	}
	return NULL;
}

static int
start_worker(struct worker *w, const pthread_attr_t *at)
{
	pthread_t thread;
	w->go = eventfd(0, EFD_CLOEXEC);
	if (w->go < 0 || pthread_create(&thread, at, work, w) != 0)
		return -1;
	return 0;
}

int
start_workers(struct workers *w, struct vss_hold_page *p, int freezer)
{
	pthread_attr_t at;
	sigset_t all, before;
	int r = 0;
	w->page = p;
	w->freezer = freezer;
	if (pthread_attr_init(&at) != 0)
		return -1;
	pthread_attr_setstacksize(&at, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < p->nfs && r == 0; i++) {
		w->each[i].all = w;
		w->each[i].fs = &p->fs[i];
		r = start_worker(&w->each[i], &at);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&at);
	return r;
}

void
tell_worker(struct workers *w, size_t i, enum wish wish)
{
	static const uint64_t one = 1;
	atomic_store(&w->each[i].wish, (int)wish);
	ssize_t n = write(w->each[i].go, &one, sizeof one);
	(void)n; /* it cannot overflow */
}

void
thaw_all(struct workers *w)
{
	for (size_t i = w->page->nfs; i-- > 0;)
		if (!vss_hold_is_settled(&w->page->fs[i]))
			tell_worker(w, i, WISH_THAW);
}
