/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/*
 * Writes held while the providers commit (S15, S22).  The freezer does it; this thread only talks to it, and goes on watching
 * writers, clocks and interruptions meanwhile.  Whatever goes wrong, session_hold_end() lets everything go first.
 */
#define HOLD_MS 10000 /* S72: from the first that is held to the last commit */
#define RELEASE_S 5   /* for the freezer to say that nothing is held any more */
#define FLUSH_S 5     /* what the stopped processes have left */

/* A trial's directories are no file systems: only a freezer of the trial's own pretends to hold them. */
bool
vss_session_can_hold(const struct vss_volume *v, struct vss_err *why)
{
	return vss_freeze_can(v, why);
}

static bool
is_wanted(const struct vss_session *s)
{
	bool any = s->cgroups.n > 0;

	for (size_t i = 0; i < s->nvolumes; i++)
		any |= s->topology.v[i].to_hold;
	return any;
}

static int
watch(int epfd, int fd, struct vss_err *err)
{
	struct epoll_event e = { .events = EPOLLIN };

	return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "epoll") : 0;
}

/* Whoever is stopped by what is held, and outlives us, is ended by the sentinel. */
static int
add_writers(struct vss_session *s, struct vss_err *err)
{
	for (size_t i = 0; s->writers && i < vss_writers_count(s->writers); i++) {
		const struct vss_writer *w = vss_writers_at(s->writers, i);
		if (!w->alive || !w->group)
			continue;
		if (vss_freeze_add_group(s->hold.freezer, w->group, err) < 0)
			return vss_wrap(err, "writer \"%s\"", session_writer_name(w));
	}
	return 0;
}

static int
start(struct vss_session *s, struct vss_err *err)
{
	struct session_hold *h = &s->hold;
	VSS_AUTOFREE const struct vss_volume **volumes = vss_alloc((s->nvolumes + 1) * sizeof *volumes);
	struct vss_freeze_options o = {
		.volumes = volumes,
		.cgroups = (const char *const *)s->cgroups.v,
		.ncgroups = s->cgroups.n,
		.budget_ms = s->o.hold_ms ? s->o.hold_ms : HOLD_MS,
		.lockfd = s->making->lockfd,
	};

	h->of = vss_alloc((s->nvolumes + 1) * sizeof *h->of);
	for (size_t i = 0; i < s->nvolumes; i++) {
		if (!s->topology.v[i].to_hold)
			continue;
		h->of[h->n] = i;
		volumes[h->n++] = s->volumes[i].volume;
	}
	o.nvolumes = h->n;
	h->freezer = vss_freeze_start(&o, err);
	if (!h->freezer)
		return -1;
	h->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (h->epfd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "epoll");
	return watch(h->epfd, vss_freeze_fd(h->freezer), err) < 0 ? -1 : add_writers(s, err);
}

int
session_hold_start(struct vss_session *s, struct vss_err *err)
{
	if (!is_wanted(s))
		return 0;
	return start(s, err) < 0 ? vss_wrap(err, "hold writes") : 0;
}

void
session_hold_end(struct vss_session *s)
{
	struct session_hold *h = &s->hold;

	vss_freeze_end(h->freezer);
	if (h->epfd >= 0)
		close(h->epfd);
	free(h->of);
	*h = (struct session_hold){ .epfd = -1 };
}

/* --- conversations --- */

static int
name_code(struct vss_err *err)
{
	if (err->code == VSS_E_HOLD_WRITES_TIMEOUT) {
		struct vss_err said = *err;
		return vss_fail(err, VSS_E_HOLD_WRITES_TIMEOUT, 0, "%s (VSS_E_HOLD_WRITES_TIMEOUT)", said.text);
	}
	return -1;
}

/* One question and its answer. */
static int
converse(struct vss_session *s, enum vss_freeze_command c, int64_t deadline, struct vss_err *err)
{
	static const char *const words[] = { [VSS_FREEZE_PROCESSES] = "stopping processes",
		[VSS_FREEZE_HOLD] = "holding writes",
		[VSS_FREEZE_RELEASE] = "releasing writes" };
	struct vss_writer *who = NULL;
	int answer;

	if (vss_freeze_ask(s->hold.freezer, c, err) < 0)
		return -1;
	while ((answer = vss_freeze_answer(s->hold.freezer, err)) == 0) {
		switch (session_wait(s, vss_freeze_fd(s->hold.freezer), deadline, &who)) {
		case VSS_WAIT_FD:
			break;
		case VSS_WAIT_DEADLINE:
			return vss_fail(err, VSS_TIMEOUT, 0, "the freezer: %s did not end in time", words[c]);
		case VSS_WAIT_WRITER:
			return session_lost_freeze(who, "the freezer", words[c], err);
		case VSS_WAIT_INTERRUPT:
			return vss_fail(err, VSS_INTERRUPTED, 0, "interrupted");
		}
	}
	return answer > 0 ? 0 : name_code(err);
}

static void
stamp_volumes(struct vss_session *s, const char *what, int64_t (*at)(const struct vss_freeze *f, size_t i))
{
	for (size_t i = 0; i < s->hold.n; i++) {
		const struct vss_volume *v = s->volumes[s->hold.of[i]].volume;
		session_stamp(s, "volume", v->mount, what, at(s->hold.freezer, i));
	}
}

static void
stamp_processes(struct vss_session *s, const char *what)
{
	int64_t now = vss_now_mono();

	for (size_t i = 0; i < s->cgroups.n; i++)
		session_stamp(s, "processes", s->cgroups.v[i], what, now);
}

/* What they have written last is on its way still. */
static int
stop_processes(struct vss_session *s, struct vss_err *err)
{
	int64_t flushed = vss_now_mono() + FLUSH_S * VSS_S, until = s->hold.until;

	if (!s->cgroups.n)
		return 0;
	if (converse(s, VSS_FREEZE_PROCESSES, until, err) < 0)
		return -1;
	stamp_processes(s, "stopped");
	vss_stop_point("hold.stopped");
	return session_run_phase(s, PHASE_FLUSH, flushed < until ? flushed : until, err);
}

int
session_hold_writes(struct vss_session *s, int64_t end, struct vss_err *err)
{
	struct session_hold *h = &s->hold;

	if (!h->freezer)
		return 0;
	vss_stop_point("hold.before");
	if (watch(h->epfd, s->making->eventfd, err) < 0)
		return -1;
	h->until = vss_now_mono() + (s->o.hold_ms ? s->o.hold_ms : HOLD_MS) * VSS_MS;
	if (h->until > end)
		h->until = end;
	h->holds = true;
	if (stop_processes(s, err) < 0 || (h->n && converse(s, VSS_FREEZE_HOLD, h->until, err) < 0))
		return -1;
	stamp_volumes(s, "held", vss_freeze_held_ns);
	vss_stop_point("hold.held");
	return 0;
}

int64_t
session_hold_until(const struct vss_session *s, int64_t end)
{
	return s->hold.holds && s->hold.until < end ? s->hold.until : end;
}

/* The hold stood over all commits: what that proves goes to the volumes. */
static void
note_held(struct vss_session *s)
{
	for (size_t i = 0; i < s->hold.n; i++) {
		struct vss_provider_volume *pv = making_at(s->making, s->hold.of[i]);
		int64_t from = vss_freeze_held_ns(s->hold.freezer, i), to = vss_freeze_thawed_ns(s->hold.freezer, i);
		pv->held = true;
		if (to - from > s->set->held_ns)
			s->set->held_ns = to - from;
		if (pv->proof_key)
			continue;
		pv->proof_key = vss_strdup("held-us");
		pv->proof_value = (uint64_t)(to - from) / 1000;
	}
	s->stopped = s->cgroups.n > 0;
}

int
session_release_writes(struct vss_session *s, struct vss_err *err)
{
	if (!s->hold.freezer)
		return 0;
	if (converse(s, VSS_FREEZE_RELEASE, vss_now_mono() + RELEASE_S * VSS_S, err) < 0)
		return -1;
	s->hold.holds = false;
	stamp_volumes(s, "released", vss_freeze_thawed_ns);
	stamp_processes(s, "released");
	note_held(s);
	vss_stop_point("hold.released");
	return 0;
}

int
session_hold_check(struct vss_session *s, enum phase phase, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (vss_freeze_answer(s->hold.freezer, &why) >= 0)
		return 0;
	vss_fail(err, why.code, 0, "%s was at %s: %s", making_culprit(s->making, phase), phase_word(phase), why.text);
	return name_code(err);
}
