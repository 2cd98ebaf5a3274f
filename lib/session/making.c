/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/making_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const char *
phase_word(enum phase p)
{
	static const char *const words[PHASE_COUNT] = {
		[PHASE_NONE] = "nothing",
		[PHASE_BEGIN_PREPARE] = "begin-prepare",
		[PHASE_FLUSH] = "flush",
		[PHASE_PRE_COMMIT] = "pre-commit",
		[PHASE_COMMIT] = "commit",
		[PHASE_POST_COMMIT] = "post-commit",
		[PHASE_POST_FINAL_COMMIT] = "post-final-commit",
		[PHASE_ABORT] = "abort",
	};
	return words[p];
}

struct making *
making_new(const struct vss_uuid *set_id, const char *storage)
{
	struct making *m = vss_alloc(sizeof *m);

	m->set_id = *set_id;
	m->storage = vss_strdup(storage);
	m->lockfd = m->ownerfd = m->eventfd = -1;
	pthread_mutex_init(&m->mutex, NULL);
	pthread_cond_init(&m->wanted, NULL);
	return m;
}

static void
provider_volume_clear(struct vss_provider_volume *v)
{
	free(v->place);
	free(v->domain);
	free(v->proof_key);
	vss_provider_lost_free(v);
}

static void
close_flushed(struct making *m)
{
	for (size_t i = 0; i < m->nvolumes; i++)
		if (m->volumes[i].fd >= 0)
			m->volumes[i].fd = (close(m->volumes[i].fd), -1);
}

void
making_free(struct making *m)
{
	if (!m)
		return;
	making_stop(m);
	for (size_t i = 0; i < m->nproviders; i++) {
		for (size_t k = 0; k < m->providers[i]->n; k++)
			provider_volume_clear(&m->providers[i]->v[k]);
		free(m->providers[i]->v);
		free(m->providers[i]);
	}
	free(m->providers);
	free(m->held);
	close_flushed(m);
	for (size_t i = 0; i < m->nvolumes; i++) {
		vss_volume_free(m->volumes[i].volume);
		vss_strv_free(&m->volumes[i].only);
	}
	free(m->volumes);
	free(m->storage);
	if (m->eventfd >= 0)
		close(m->eventfd);
	if (m->ownerfd >= 0)
		vss_owner_release(&m->owner, m->ownerfd);
	if (m->lockfd >= 0)
		close(m->lockfd);
	pthread_cond_destroy(&m->wanted);
	pthread_mutex_destroy(&m->mutex);
	free(m);
}

static size_t
provider_index(struct making *m, const struct vss_provider_ops *ops)
{
	for (size_t i = 0; i < m->nproviders; i++)
		if (m->providers[i]->provider == ops)
			return i;
	struct vss_provider_set *ps = vss_alloc(sizeof *ps);
	ps->provider = ops;
	ps->set_id = m->set_id;
	ps->owner = m->owner;
	ps->storage = m->storage;
	ps->accept_lost = m->accept_lost;
	ps->cgroups = m->cgroups;
	ps->storage_size = m->storage_size;
	ps->storage_percent = m->storage_percent;
	atomic_init(&ps->cancelled, false);
	VSS_PUSH(m->providers, m->nproviders, m->cproviders) = ps;
	return m->nproviders - 1;
}

struct vss_provider_set *
making_provider(const struct making *m, const struct vss_provider_ops *ops)
{
	for (size_t i = 0; i < m->nproviders; i++)
		if (m->providers[i]->provider == ops)
			return m->providers[i];
	return NULL;
}

void
making_add(
	struct making *m, const struct vss_provider_ops *ops, const struct vss_volume *v, const struct vss_strv *only)
{
	size_t provider = provider_index(m, ops);
	struct vss_provider_set *ps = m->providers[provider];
	struct making_volume *mv = &VSS_PUSH(m->volumes, m->nvolumes, m->cvolumes);

	*mv = (struct making_volume){ .volume = vss_volume_copy(v), .provider = provider, .at = ps->n, .fd = -1 };
	for (size_t i = 0; only && i < only->n; i++)
		vss_strv_add(&mv->only, only->v[i]);

	ps->v = vss_realloc(ps->v, ps->n + 1, sizeof *ps->v);
	struct vss_provider_volume *pv = &ps->v[ps->n++];
	*pv = (struct vss_provider_volume){ .volume = mv->volume };
	vss_uuid_random(&pv->shadow_id);
	if (only) {
		pv->only = (const char *const *)mv->only.v;
		pv->nonly = mv->only.n;
	}
}

struct vss_provider_volume *
making_at(const struct making *m, size_t volume)
{
	return &m->providers[m->volumes[volume].provider]->v[m->volumes[volume].at];
}

const struct vss_provider_ops *
making_ops(const struct making *m, size_t volume)
{
	return m->providers[m->volumes[volume].provider]->provider;
}

const char *
making_culprit(const struct making *m, enum phase phase)
{
	size_t turn = atomic_load(&m->turn);
	if (phase == PHASE_FLUSH)
		return turn < m->nvolumes ? m->volumes[turn].volume->mount : "volumes";
	return turn < m->nproviders ? m->providers[turn]->provider->title : "the providers";
}

/*
 * Several volumes of one file system are flushed by one call; what cannot be written, or is a directory in
 * disguise, by none.
 */
static bool
needs_flush(const struct making *m, size_t i)
{
	const struct vss_volume *v = m->volumes[i].volume;

	if (v->read_only || vss_str_eq(v->fstype, "fake"))
		return false;
	for (size_t k = 0; v->fs_uuid && k < i; k++)
		if (vss_str_eq(m->volumes[k].volume->fs_uuid, v->fs_uuid) &&
			vss_str_eq(m->volumes[k].volume->source, v->source))
			return false;
	return true;
}

/* The descriptors stay open for the second time, so that nothing has to be looked up while writers are frozen. */
static int
flush(struct making *m, struct vss_err *err)
{
	for (size_t i = 0; i < m->nvolumes; i++) {
		struct making_volume *v = &m->volumes[i];
		if (!needs_flush(m, i))
			continue;
		atomic_store(&m->turn, i);
		if (v->fd < 0)
			v->fd = open(v->volume->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (v->fd < 0 || syncfs(v->fd) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: flush", v->volume->mount);
	}
	return 0;
}

typedef int provider_phase(struct vss_provider_set *ps, struct vss_err *err);

static provider_phase *
phase_of(const struct vss_provider_ops *ops, enum phase phase)
{
	switch (phase) {
	case PHASE_BEGIN_PREPARE:
		return ops->begin_prepare;
	case PHASE_PRE_COMMIT:
		return ops->pre_commit;
	case PHASE_COMMIT:
		return ops->commit;
	case PHASE_POST_COMMIT:
		return ops->post_commit;
	case PHASE_POST_FINAL_COMMIT:
		return ops->post_final_commit;
	default:
		return NULL;
	}
}

/* Every provider is told, whatever the others answer. */
static int
abort_all(struct making *m, struct vss_err *err)
{
	int rc = 0;

	close_flushed(m); /* a volume that is to be unmounted must not be kept busy by us */
	for (size_t i = 0; i < m->nproviders; i++) {
		struct vss_err e = VSS_ERR_INIT;
		atomic_store(&m->turn, i);
		if (m->providers[i]->provider->abort(m->providers[i], &e) == 0)
			continue;
		if (rc == 0) {
			*err = e;
			vss_wrap(err, "provider %s: abort", m->providers[i]->provider->name);
		} else {
			vss_warn("provider %s: abort: %s", m->providers[i]->provider->name, e.text);
		}
		rc = -1;
	}
	return rc;
}

int
making_phase(struct making *m, enum phase phase, struct vss_err *err)
{
	atomic_store(&m->turn, 0);
	if (phase == PHASE_FLUSH)
		return flush(m, err);
	if (phase == PHASE_ABORT)
		return abort_all(m, err);
	for (size_t i = 0; i < m->nproviders; i++) {
		struct vss_provider_set *ps = m->providers[i];
		provider_phase *call = phase_of(ps->provider, phase);
		atomic_store(&m->turn, i);
		if (call && call(ps, err) < 0)
			return vss_wrap(err, "provider %s: %s", ps->provider->name, phase_word(phase));
	}
	return 0;
}
