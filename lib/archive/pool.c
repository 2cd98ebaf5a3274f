/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/pool_internal.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

struct slot {
	void *item;
	bool done;
};

struct worker {
	struct vss_pool *pool;
	unsigned number;
	pthread_t thread;
};

/* Slots are a ring: [oldest, next) is being worked on or done, [next, newest) waits. Counters only
 * grow. */
struct vss_pool {
	vss_pool_work *work;
	void *ctx;
	unsigned nslots, nworkers;
	struct slot *slots;
	struct worker *workers;
	pthread_mutex_t lock;
	pthread_cond_t given, finished;
	unsigned long oldest, next, newest;
	bool stop;
};

static void *
run(void *arg)
{
	struct worker *w = arg;
	struct vss_pool *p = w->pool;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct slot *s;

		if (p->next == p->newest) {
			pthread_cond_wait(&p->given, &p->lock);
			continue;
		}
		s = &p->slots[p->next++ % p->nslots];
		pthread_mutex_unlock(&p->lock);
		p->work(p->ctx, w->number, s->item);
		pthread_mutex_lock(&p->lock);
		s->done = true;
		pthread_cond_signal(&p->finished);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int
start_workers(struct vss_pool *p, unsigned threads, struct vss_err *err)
{
	sigset_t all, before;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (!r && p->nworkers < threads) {
		struct worker *w = &p->workers[p->nworkers];

		*w = (struct worker){ .pool = p, .number = p->nworkers };
		r = pthread_create(&w->thread, NULL, run, w);
		if (!r)
			p->nworkers++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? vss_fail(err, VSS_SYSTEM, r, "archive: start a thread") : 0;
}

struct vss_pool *
vss_pool_new(unsigned threads, unsigned slots, vss_pool_work *work, void *ctx, struct vss_err *err)
{
	struct vss_pool *p = vss_alloc(sizeof *p);

	assert(threads > 0 && slots > 0);
	p->work = work;
	p->ctx = ctx;
	p->nslots = slots;
	p->slots = vss_alloc(slots * sizeof *p->slots);
	p->workers = vss_alloc(threads * sizeof *p->workers);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->given, NULL);
	pthread_cond_init(&p->finished, NULL);
	if (!start_workers(p, threads, err))
		return p;
	vss_pool_free(p);
	return NULL;
}

bool
vss_pool_is_full(const struct vss_pool *p)
{
	return p->newest - p->oldest == p->nslots; /* only the owner changes these two */
}

void
vss_pool_give(struct vss_pool *p, void *item)
{
	assert(!vss_pool_is_full(p));
	pthread_mutex_lock(&p->lock);
	p->slots[p->newest % p->nslots] = (struct slot){ .item = item };
	p->newest++;
	pthread_cond_signal(&p->given);
	pthread_mutex_unlock(&p->lock);
}

void *
vss_pool_take(struct vss_pool *p)
{
	struct slot *s = &p->slots[p->oldest % p->nslots];

	if (p->oldest == p->newest)
		return NULL;
	pthread_mutex_lock(&p->lock);
	while (!s->done)
		pthread_cond_wait(&p->finished, &p->lock);
	p->oldest++;
	pthread_mutex_unlock(&p->lock);
	return s->item;
}

void
vss_pool_free(struct vss_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->given);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->nworkers; i++)
		pthread_join(p->workers[i].thread, NULL);
	pthread_cond_destroy(&p->given);
	pthread_cond_destroy(&p->finished);
	pthread_mutex_destroy(&p->lock);
	free(p->slots);
	free(p->workers);
	free(p);
}

unsigned
vss_pool_threads(unsigned most)
{
	cpu_set_t set;
	unsigned n = 1;

	if (!sched_getaffinity(0, sizeof set, &set))
		n = (unsigned)CPU_COUNT(&set);
	return n < 1 ? 1 : n > most ? most : n;
}
