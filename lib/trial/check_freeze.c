/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum { TINY_WINDOW_MS = 1 };

/* Up to prepare-snapshot, then a freeze of so long; 0 whatever it answers. */
static int
freeze_for(struct actor *a, unsigned window_ms, struct vss_err *err)
{
	if (actor_start(a, TRIAL_PLAIN, err) != 0 || actor_go(a, VSS_EVENT_PREPARE_SNAPSHOT, TRIAL_PLAIN, err) != 0)
		return -1;
	if (actor_say_freeze(a, window_ms, TRIAL_PLAIN, err) != 0)
		return -1;
	return actor_hear(a, a->seq, "freeze", err);
}

/* Nobody comes: it has to say so by itself. */
static int
expect_withdrawal(struct actor *a, unsigned window_ms, struct vss_err *err)
{
	unsigned long seq = a->seq;
	VSS_AUTOFREE char *number = vss_strf("%lu", seq);
	int r = actor_overhear(a, window_ms + a->t->o->patience_ms, err);

	if (r < 0)
		return vss_wrap(err, "frozen");
	if (r == 0)
		return vss_fail(err, VSS_TIMEOUT, 0,
			"its window of %u ms is over, and it has not taken its freeze back within %u ms", window_ms,
			a->t->o->patience_ms);
	const struct vss_line *l = &a->answer;
	if (vss_str_eq(vss_line_word(l, 0), "fail") && vss_str_eq(vss_line_word(l, 1), number) && vss_line_word(l, 2) &&
		vss_code_by_name(vss_line_word(l, 2)) == VSS_E_WRITERERROR_TIMEOUT)
		return 0;
	VSS_AUTOFREE char *text = actor_answer_text(a);
	return vss_fail(err, VSS_INVALID, 0,
		"fail %lu VSS_E_WRITERERROR_TIMEOUT was expected at the end of its window, it said: %s", seq, text);
}

/* The thaw that comes too late must not look as if all had been well. */
static int
thaw_late(struct actor *a, struct vss_err *err)
{
	if (actor_say(a, "thaw", TRIAL_PLAIN, err) != 0 || actor_hear(a, a->seq, "thaw", err) != 0)
		return -1;
	if (actor_agreed(a))
		return vss_fail(err, VSS_INVALID, 0, "thaw: it had taken its freeze back, and says ok");
	return actor_ask(a, VSS_EVENT_ABORT, TRIAL_PLAIN, err);
}

static int
leave_alone(struct actor *a, unsigned window_ms, struct vss_err *err)
{
	if (expect_withdrawal(a, window_ms, err) != 0)
		return -1;
	if (trial_usable(a->t, "behind its window", err) != 0)
		return -1;
	return thaw_late(a, err);
}

int
check_deadline(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = freeze_for(&a, t->o->window_ms, err);

	(void)event;
	if (r == 0 && !actor_agreed(&a)) {
		VSS_AUTOFREE char *text = actor_answer_text(&a);
		r = vss_fail(err, VSS_INVALID, 0, "freeze: in %u ms it could not: %s", t->o->window_ms, text);
	}
	if (r == 0)
		r = leave_alone(&a, t->o->window_ms, err);
	actor_end(&a);
	return r;
}

/* A window that nobody can keep: it says so at once, or a moment later. */
int
check_tiny_window(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = freeze_for(&a, TINY_WINDOW_MS, err);

	(void)event;
	if (r == 0 && actor_agreed(&a))
		r = leave_alone(&a, TINY_WINDOW_MS, err);
	if (r == 0)
		r = trial_usable(t, "behind its window", err);
	actor_end(&a);
	return r;
}

/* A coordinator that waited for freeze in vain aborts; the answer to freeze comes before that to abort. */
int
check_overtaken(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_go(&a, VSS_EVENT_PREPARE_SNAPSHOT, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_say(&a, "freeze", TRIAL_PLAIN, err);
	unsigned long freeze = a.seq;
	if (r == 0)
		r = actor_say(&a, "abort", TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_hear(&a, freeze, "freeze", err);
	if (r == 0)
		r = actor_hear(&a, a.seq, "abort", err);
	if (r == 0 && !actor_agreed(&a))
		r = vss_fail(err, VSS_INVALID, 0, "abort: ok was expected");
	if (r == 0)
		r = trial_usable(t, "behind the abort", err);
	actor_end(&a);
	return r;
}

/* What it promises at freeze and confirms behind it. */
int
check_confirmed(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int hold = VSS_HOLD_NONE, r = actor_start(&a, TRIAL_SCRATCH, err);

	(void)event;
	if (r == 0 && (r = actor_go(&a, VSS_EVENT_FREEZE, TRIAL_PLAIN, err)) == 0) {
		const char *word = vss_line_get(&a.answer, "hold");
		hold = word ? vss_hold_by_word(word) : VSS_HOLD_NONE;
	}
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_THAW, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_POST_SNAPSHOT, TRIAL_PLAIN, err);
	if (r == 0 && (hold == VSS_HOLD_BRACKET || hold == VSS_HOLD_EXPORT) &&
		!vss_line_flag(&a.answer, "confirmed", false))
		r = vss_fail(err, VSS_INVALID, 0, "post-snapshot: hold=%s, and not confirmed=yes",
			vss_hold_word((enum vss_hold)hold));
	actor_end(&a);
	return r;
}
