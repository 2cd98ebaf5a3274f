/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SESSION_MAKING_INTERNAL_H
#define VSS_SESSION_MAKING_INTERNAL_H

#include "base/err.h"
#include "base/str.h"
#include "os/volume.h"
#include "provider/provider.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * A set in the making, as the providers see it, and the one thread that calls them.
 *
 * Everything that a phase touches is owned by this value, never by the session: when a provider does not come
 * back the session lets go of the whole (making_abandon) and goes on with its clocks; the worker then undoes
 * and frees by itself when it can.  The creation lock and the owner's lock are part of it for the same reason:
 * they must not be free while a provider is still at work.
 */
enum phase {
	PHASE_NONE,
	PHASE_BEGIN_PREPARE,
	PHASE_FLUSH, /* syncfs of every volume */
	PHASE_PRE_COMMIT,
	PHASE_COMMIT,
	PHASE_POST_COMMIT,
	PHASE_POST_FINAL_COMMIT,
	PHASE_ABORT,
	PHASE_COUNT
};

struct making_volume {
	struct vss_volume *volume;
	struct vss_strv only;
	size_t provider, at; /* providers[provider]->v[at] */
	int fd;		     /* for syncfs; -1: not opened */
};

struct making {
	struct making_volume *volumes;
	size_t nvolumes, cvolumes;
	struct vss_provider_set **providers;
	size_t nproviders, cproviders;
	const struct vss_volume **held; /* those that will be held; the providers are told */
	size_t nheld;
	struct vss_uuid set_id, owner;
	int lockfd, ownerfd;
	char *storage;
	bool cgroups;	  /* told to each provider: see vss_provider_set */
	bool accept_lost; /* told to each provider, like the storage and its sizes */
	uint64_t storage_size;
	unsigned storage_percent;

	pthread_t thread;
	bool started;
	pthread_mutex_t mutex;
	pthread_cond_t wanted;
	int eventfd;	    /* readable when a phase has ended */
	atomic_size_t turn; /* which provider or volume the phase is at, for messages */
	enum phase todo;    /* under the mutex, with all below */
	bool quit, abandoned;
	int rc;
	struct vss_err err;
};

/* making.c */
/** The caller fills in accept_lost, and lockfd, owner and ownerfd, which then belong to it. */
struct making *making_new(const struct vss_uuid *set_id, const char *storage);
/** Ends the worker, which must be idle, frees all. NULL is fine. */
void making_free(struct making *m);
/** Give volume `v` (copied) to provider `ops`. */
void making_add(
	struct making *m, const struct vss_provider_ops *ops, const struct vss_volume *v, const struct vss_strv *only);
/** The provider's set for these ops, NULL when it has no volume yet. */
struct vss_provider_set *making_provider(const struct making *m, const struct vss_provider_ops *ops);
struct vss_provider_volume *making_at(const struct making *m, size_t volume);
const struct vss_provider_ops *making_ops(const struct making *m, size_t volume);
/** Do one phase for all, here and now (the worker calls it). */
int making_phase(struct making *m, enum phase phase, struct vss_err *err);
const char *phase_word(enum phase p);
/** Whose turn it is in the phase that runs now: a provider's title, or the volume that is being flushed. */
const char *making_culprit(const struct making *m, enum phase phase);

/* worker.c */
int making_start(struct making *m, struct vss_err *err);
/** Ask for a phase; m->eventfd tells when it is over. */
void making_ask(struct making *m, enum phase phase);
/** The result of the phase that has ended. */
int making_result(struct making *m, struct vss_err *err);
bool making_is_busy(struct making *m);
/** Leave a busy worker to itself: `m` is not ours any more.  False: it has just finished, `m` is still ours. */
bool making_abandon(struct making *m);
void making_stop(struct making *m); /* the worker is idle: end it */

#endif
