/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/stop.h"
#include "base/time.h"

#define WINDOW_S 60  /* freeze to thaw when nobody asks for less (W22), and for commits without writers */
#define FLUSH_S 5    /* the second flush, while writers stand still */
#define THAW_MS 5000 /* a rescue must not wait for one that does not answer */

struct level {
	struct vss_session *s;
	enum vss_app_level level;
};

static bool
is_of_level(void *ctx, const struct vss_writer *w)
{
	const struct level *l = ctx;
	return w->taking_part && w->level == l->level;
}

static bool
has_frozen(void *ctx, const struct vss_writer *w)
{
	const struct level *l = ctx;

	if (w->frozen_ns)
		session_stamp(l->s, "writer", session_writer_name(w), "frozen", w->frozen_ns);
	/* A failed handler ends the set: the others need not be waited for. */
	return w->error == VSS_OK || w->vetoed;
}

static void
stamp_level(struct vss_session *s, enum vss_app_level level, const char *what)
{
	int64_t now = vss_now_mono();

	for (size_t i = 0; i < s->nparts; i++)
		if (s->parts[i].writer->taking_part && s->parts[i].writer->level == level)
			session_stamp(s, "writer", session_writer_name(s->parts[i].writer), what, now);
}

/* W10: an application stops before the database that it stands on. */
int
session_freeze_writers(struct vss_session *s, struct vss_err *err)
{
	vss_stop_point("session.before-freeze");
	for (int level = VSS_APP_FRONT_END; level <= VSS_APP_SYSTEM; level++) {
		struct level l = { s, (enum vss_app_level)level };
		struct vss_writers_event e = {
			.event = VSS_EVENT_FREEZE, .filter = is_of_level, .on_answer = has_frozen, .ctx = &l
		};
		if (!s->freeze_asked)
			s->freeze_asked = vss_now_mono();
		stamp_level(s, l.level, "asked");
		if (session_raise(s, &e, err) < 0 || session_judge(s, VSS_EVENT_FREEZE, err) < 0)
			return -1;
	}
	vss_stop_point("session.frozen");
	return 0;
}

int
session_commit(struct vss_session *s, struct vss_err *err)
{
	int64_t end = vss_now_mono() + WINDOW_S * VSS_S;

	if (session_run_phase(s, PHASE_PRE_COMMIT, end, err) < 0 ||
		session_run_phase(s, PHASE_FLUSH, vss_now_mono() + FLUSH_S * VSS_S, err) < 0)
		return -1;
	vss_stop_point("session.before-commit");
	int64_t began = vss_now_mono();
	if (session_hold_writes(s, end, err) < 0 ||
		session_run_phase(s, PHASE_COMMIT, session_hold_until(s, end), err) < 0 ||
		session_release_writes(s, err) < 0)
		return -1;
	s->set->created_ns = vss_now_wall();
	s->set->freeze_ms = (double)(vss_now_mono() - began) / VSS_MS;
	vss_stop_point("session.committed");
	return session_run_phase(s, PHASE_POST_COMMIT, end, err);
}

static bool
has_thawed(void *ctx, const struct vss_writer *w)
{
	struct vss_session *s = ctx;

	if (w->thawed_ns)
		session_stamp(s, "writer", session_writer_name(w), "thawed", w->thawed_ns);
	return true;
}

static bool
level_has_thawed(void *ctx, const struct vss_writer *w)
{
	const struct level *l = ctx;
	return has_thawed(l->s, w);
}

/* In reverse order, and all of them even when one fails: only then it is said. */
int
session_thaw_writers(struct vss_session *s, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;

	for (int level = VSS_APP_SYSTEM; level >= VSS_APP_FRONT_END; level--) {
		struct level l = { s, (enum vss_app_level)level };
		struct vss_writers_event e = { .event = VSS_EVENT_THAW,
			.filter = is_of_level,
			.on_answer = level_has_thawed,
			.ctx = &l,
			.ignore_interrupt = true };
		(void)session_raise(s, &e, &ignored);
	}
	vss_stop_point("session.thawed");
	return session_judge(s, VSS_EVENT_THAW, err);
}

static bool
is_frozen(void *ctx, const struct vss_writer *w)
{
	(void)ctx;
	return w->alive && w->frozen_ns && !w->thawed_ns;
}

/* The way out: everyone at once, the dead and the thawed left alone, no waiting for the slow. */
void
session_thaw_at_once(struct vss_session *s)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_writers_event e = { .event = VSS_EVENT_THAW,
		.filter = is_frozen,
		.on_answer = has_thawed,
		.ctx = s,
		.timeout_ms = THAW_MS,
		.ignore_interrupt = true };

	(void)session_raise(s, &e, &ignored);
}
