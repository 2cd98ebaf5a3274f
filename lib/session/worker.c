/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/making_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Undo and go: nobody is waiting any more.  What cannot be undone has its marks and is left to the next reap. */
static void
end_alone(struct making *m)
{
	struct vss_err ignored = VSS_ERR_INIT;
	(void)making_phase(m, PHASE_ABORT, &ignored);
	m->started = false; /* there is no one to join this thread */
	making_free(m);
}

static void *
work(void *arg)
{
	struct making *m = arg;

	pthread_mutex_lock(&m->mutex);
	for (;;) {
		while (m->todo == PHASE_NONE && !m->quit)
			pthread_cond_wait(&m->wanted, &m->mutex);
		if (m->quit)
			break;
		enum phase phase = m->todo;
		struct vss_err err = VSS_ERR_INIT;
		pthread_mutex_unlock(&m->mutex);
		int rc = making_phase(m, phase, &err);
		pthread_mutex_lock(&m->mutex);
		m->rc = rc;
		m->err = err;
		m->todo = PHASE_NONE;
		if (m->abandoned) {
			pthread_mutex_unlock(&m->mutex);
			end_alone(m);
			return NULL;
		}
		(void)eventfd_write(m->eventfd, 1);
	}
	pthread_mutex_unlock(&m->mutex);
	return NULL;
}

int
making_start(struct making *m, struct vss_err *err)
{
	sigset_t all, before;

	m->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->eventfd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "eventfd");
	/* Signals are for the main thread, which polls for them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(&m->thread, NULL, work, m);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e)
		return vss_fail(err, VSS_SYSTEM, e, "start the providers' thread");
	m->started = true;
	return 0;
}

void
making_ask(struct making *m, enum phase phase)
{
	pthread_mutex_lock(&m->mutex);
	m->todo = phase;
	pthread_cond_signal(&m->wanted);
	pthread_mutex_unlock(&m->mutex);
}

int
making_result(struct making *m, struct vss_err *err)
{
	eventfd_t n;

	(void)eventfd_read(m->eventfd, &n);
	pthread_mutex_lock(&m->mutex);
	int rc = m->rc;
	if (rc < 0)
		*err = m->err;
	pthread_mutex_unlock(&m->mutex);
	return rc;
}

bool
making_is_busy(struct making *m)
{
	pthread_mutex_lock(&m->mutex);
	bool busy = m->todo != PHASE_NONE;
	pthread_mutex_unlock(&m->mutex);
	return busy;
}

bool
making_abandon(struct making *m)
{
	pthread_mutex_lock(&m->mutex);
	bool busy = m->todo != PHASE_NONE;
	if (busy) {
		m->abandoned = true;
		pthread_detach(m->thread);
	}
	pthread_mutex_unlock(&m->mutex);
	return busy;
}

void
making_stop(struct making *m)
{
	if (!m->started)
		return;
	pthread_mutex_lock(&m->mutex);
	m->quit = true;
	pthread_cond_signal(&m->wanted);
	pthread_mutex_unlock(&m->mutex);
	pthread_join(m->thread, NULL);
	m->started = false;
}
