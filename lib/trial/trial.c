/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "os/interrupt.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define AT(e) (1u << VSS_EVENT_##e)
#define BACKUP                                                                                                         \
	(AT(HELLO) | AT(IDENTIFY) | AT(PREPARE_BACKUP) | AT(PREPARE_SNAPSHOT) | AT(FREEZE) | AT(THAW) |                \
		AT(POST_SNAPSHOT) | AT(BACKUP_COMPLETE) | AT(BACKUP_SHUTDOWN))
#define RESTORE (AT(PRE_RESTORE) | AT(POST_RESTORE))

/* A check that is made at several events is called by them: end-freeze. */
static const struct check {
	const char *name, *what;
	unsigned events;
	trial_run *run;
} checks[] = {
	{ "hello", "a version of the protocol that is not known is refused by fail", 0, check_hello },
	{ "identify-again", "identify says the same when it is asked again", 0, check_identify_again },
	{ "identify-frozen", "identify in the middle of a freeze says the same, and changes nothing", 0,
		check_identify_frozen },
	{ "unknown-words", "unknown keys and argument lines are passed over, quoted as they may be", 0,
		check_unknown_words },
	{ "unknown-event", "an unknown event is answered by fail, and the next one as ever", 0, check_unknown_event },
	{ "slow-reader", "answers wait until they are read, and come in their order", 0, check_slow_reader },
	{ "confirmed", "hold=bracket and hold=export are confirmed at post-snapshot", 0, check_confirmed },
	{ "overtaken", "abort comes before freeze was answered", 0, check_overtaken },
	{ "deadline", "left alone it thaws at the end of its window, and takes its freeze back", 0, check_deadline },
	{ "tiny-window", "a window that nobody can keep", 0, check_tiny_window },
	{ "bye", "it leaves after bye, although its input stays open", 0, check_bye },
	{ "children", "nothing that it starts holds its pipes when it has left", 0, check_children },
	{ "end", "its input ends behind this event: it leaves", BACKUP | RESTORE, check_end },
	{ "death", "the coordinator dies while this event is handled: it leaves", BACKUP | RESTORE, check_death },
	{ "kill", "it is killed behind this event: a new start finds all as it was", BACKUP | RESTORE, check_kill },
	{ "sigterm", "SIGTERM at once behind the end of input: it leaves, and a new start finds all as it was", 0,
		check_terminate },
};
enum { CHECKS = sizeof checks / sizeof *checks };

const char *
vss_trial_outcome_word(enum vss_trial_outcome o)
{
	static const char *const words[] = { "ok", "not ok", "skip", "note" };

	return words[o];
}

void
trial_tell(const struct trial *t, enum vss_trial_outcome outcome, const char *text)
{
	t->report(t->ctx, t->check, outcome, text);
}

/* All that is there in one row: lives, checks, garbage. */
struct item {
	char name[48];
	const char *what;
	bool restore;
	const struct trial_life *life;
	const struct check *check;
	enum vss_event event;
	const struct trial_garbage *garbage;
};
typedef int each(void *ctx, const struct item *i);

static void
name_item(struct item *i, const char *a, const char *b)
{
	size_t n = strlen(a);

	memcpy(i->name, a, n + 1);
	if (b) {
		i->name[n] = '-';
		memcpy(i->name + n + 1, b, strlen(b) + 1);
	}
}

static int
each_event(const struct check *c, each *take, void *ctx)
{
	int r = 0;

	for (enum vss_event e = 0; e < VSS_EVENT_COUNT && r == 0; e++) {
		struct item i = { .what = c->what, .check = c, .event = e, .restore = RESTORE & (1u << e) };

		if (c->events != 0 && !(c->events & (1u << e)))
			continue;
		name_item(&i, c->name, c->events ? vss_event_word(e) : NULL);
		r = take(ctx, &i);
		if (c->events == 0)
			break;
	}
	return r;
}

static int
each_life(bool restore, each *take, void *ctx)
{
	int r = 0;

	for (size_t n = 0; n < trial_nlives && r == 0; n++) {
		const struct trial_life *life = &trial_lives[n];
		struct item i = { .what = life->what, .life = life, .restore = life->restore };

		name_item(&i, life->name, NULL);
		if (life->restore == restore)
			r = take(ctx, &i);
	}
	return r;
}

static int
each_garbage(each *take, void *ctx)
{
	int r = 0;

	for (size_t n = 0; n < trial_ngarbages && r == 0; n++) {
		struct item i = { .what = trial_garbages[n].what, .garbage = &trial_garbages[n] };

		name_item(&i, trial_garbages[n].name, NULL);
		r = take(ctx, &i);
	}
	return r;
}

/* Until `take` gives something else than 0. */
static int
each_item(each *take, void *ctx)
{
	int r = each_life(false, take, ctx);

	for (size_t n = 0; n < CHECKS && r == 0; n++)
		r = each_event(&checks[n], take, ctx);
	if (r == 0)
		r = each_garbage(take, ctx);
	return r == 0 ? each_life(true, take, ctx) : r;
}

struct listing {
	void (*take)(void *ctx, const char *name, const char *what);
	void *ctx;
};

static int
list_item(void *ctx, const struct item *i)
{
	const struct listing *l = ctx;

	l->take(l->ctx, i->name, i->what);
	return 0;
}

void
vss_trial_checks(void (*take)(void *ctx, const char *name, const char *what), void *ctx)
{
	struct listing l = { take, ctx };

	l.take(ctx, "identify", "hello and identify are answered, and what is said is taken");
	each_item(list_item, &l);
}

struct run {
	struct trial *t;
	struct vss_err *err;
};

static bool
is_wanted(const struct vss_strv *only, const char *name)
{
	for (size_t i = 0; i < only->n; i++)
		if (fnmatch(only->v[i], name, 0) == 0)
			return true;
	return only->n == 0;
}

/* The notes of a backup are needed for a restore. */
static int
back_up_first(struct trial *t, struct vss_err *err)
{
	static const struct trial_life backup = { "backup", "",
		"prepare-backup prepare-snapshot freeze thaw post-snapshot", 0, false };

	if (t->nnotes > 0)
		return 0;
	return trial_lead(t, &backup, err) == 0 ? 0 : vss_wrap(err, "the backup before it");
}

static int
try_item(struct trial *t, const struct item *i, struct vss_err *err)
{
	if (i->restore && !t->o->restore) {
		vss_fail(err, VSS_INVALID, 0, "a writer may move data away then: only when it is asked for");
		return TRIAL_SKIP;
	}
	if (i->restore && t->metadata->writer_restore == VSS_WRE_NEVER) {
		vss_fail(err, VSS_INVALID, 0, "it wants no events of a restore");
		return TRIAL_SKIP;
	}
	if (i->restore && back_up_first(t, err) != 0)
		return -1;
	if (i->life)
		return trial_lead(t, i->life, err);
	if (i->garbage)
		return trial_throw(t, i->garbage, err);
	return i->check->run(t, i->event, err);
}

static int
run_item(void *ctx, const struct item *i)
{
	struct run *r = ctx;
	struct vss_err why = VSS_ERR_INIT;

	if (!is_wanted(r->t->o->only, i->name))
		return 0;
	r->t->check = i->name;
	int came = try_item(r->t, i, &why);
	if (vss_check_interrupt(r->err) != 0)
		return -1;
	enum vss_trial_outcome o = came == 0 ? VSS_TRIAL_OK : came < 0 ? VSS_TRIAL_BROKEN : VSS_TRIAL_SKIPPED;
	trial_tell(r->t, o, came == 0 ? NULL : why.text);
	return 0;
}

static int
count_wanted(void *ctx, const struct item *i)
{
	const struct vss_trial *o = ctx;

	return is_wanted(o->only, i->name);
}

static int
check_names(const struct vss_trial *o, struct vss_err *err)
{
	for (size_t i = 0; i < o->only->n; i++) {
		struct vss_strv one = { &o->only->v[i], 1, 1 };
		struct vss_trial single = { .only = &one };

		if (!is_wanted(&one, "identify") && each_item(count_wanted, &single) == 0)
			return vss_fail(err, VSS_USAGE, 0, "%s: no check has such a name", o->only->v[i]);
	}
	return 0;
}

/* Nothing else can be asked of a writer that does not say who it is. */
static bool
acquaint(struct trial *t, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	bool wanted = is_wanted(t->o->only, "identify");

	t->check = "identify";
	int r = trial_acquaint(t, &why);
	if (vss_check_interrupt(err) != 0)
		return false;
	if (r != 0 || wanted)
		trial_tell(t, r == 0 ? VSS_TRIAL_OK : VSS_TRIAL_BROKEN, r == 0 ? NULL : why.text);
	return r == 0;
}

int
vss_trial_run(const struct vss_trial *o, vss_trial_report *report, void *ctx, struct vss_err *err)
{
	struct trial t = { .o = o, .report = report, .ctx = ctx };
	struct run run = { &t, err };

	if (check_names(o, err) != 0)
		return -1;
	int r = trial_open(&t, err);
	if (r == 0)
		r = trial_usable_now(&t, err);
	if (r == 0 && acquaint(&t, err))
		r = each_item(run_item, &run);
	else if (err->code != VSS_OK)
		r = -1;
	trial_close(&t);
	return r;
}
