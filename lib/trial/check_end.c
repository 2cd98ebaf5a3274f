/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include <signal.h>
#include <string.h>

/* Its life up to `event`, which it has answered. */
static int
begin(struct actor *a, enum vss_event event, struct vss_err *err)
{
	return actor_start(a, TRIAL_PLAIN, err) == 0 ? actor_go(a, event, TRIAL_PLAIN, err) : -1;
}

/* What every end comes to: it is gone, and the application usable. */
static int
finish(struct actor *a, int r, int allowed, struct vss_err *err)
{
	if (r == 0)
		r = actor_gone(a, allowed, err);
	if (r == 0)
		r = trial_usable(a->t, "after that", err);
	actor_end(a);
	return r;
}

int
check_end(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = begin(&a, event, err);

	if (r == 0)
		actor_hang_up(&a);
	return finish(&a, r, 0, err);
}

static enum vss_event
before(enum vss_event event)
{
	return event == VSS_EVENT_BACKUP_COMPLETE ? VSS_EVENT_POST_SNAPSHOT
	       : event == VSS_EVENT_PRE_RESTORE	  ? VSS_EVENT_IDENTIFY
						  : event - 1;
}

/* The answer goes into a pipe that nobody reads any more, however quickly it comes, and standard error is gone too. */
int
check_death(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = event == VSS_EVENT_HELLO ? actor_start(&a, TRIAL_PLAIN, err) : begin(&a, before(event), err);

	if (r == 0)
		actor_stop_reading(&a);
	if (r == 0)
		r = actor_say(&a, vss_event_word(event), TRIAL_PLAIN, err);
	if (r == 0)
		actor_vanish(&a);
	return finish(&a, r, 0, err);
}

static int
signalled(struct trial *t, enum vss_event event, int sig, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = begin(&a, event, err);

	/* Out of memory kills one process; a coordinator ends the input, and later the group, perhaps in its thaw. */
	if (r == 0 && sig != SIGKILL)
		actor_hang_up(&a);
	if (r == 0)
		actor_signal(&a, sig, sig != SIGKILL);
	if (r == 0)
		r = actor_gone(&a, sig, err);
	actor_end(&a);
	if (r == 0)
		r = trial_restart(t, err);
	return r == 0 ? trial_usable(t, "after the next start", err) : r;
}

int
check_kill(struct trial *t, enum vss_event event, struct vss_err *err)
{
	return signalled(t, event, SIGKILL, err);
}

int
check_terminate(struct trial *t, enum vss_event event, struct vss_err *err)
{
	(void)event;
	return signalled(t, VSS_EVENT_FREEZE, SIGTERM, err);
}

int
check_bye(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = begin(&a, VSS_EVENT_IDENTIFY, err);

	(void)event;
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_BYE, TRIAL_PLAIN, err);
	return finish(&a, r, 0, err);
}

int
check_children(struct trial *t, enum vss_event event, struct vss_err *err)
{
	static const enum vss_event last[] = { VSS_EVENT_FREEZE, VSS_EVENT_BACKUP_SHUTDOWN };
	int r = 0;

	(void)event;
	for (size_t i = 0; i < sizeof last / sizeof *last && r == 0; i++) {
		struct actor a = ACTOR_INIT(t);

		r = begin(&a, last[i], err);
		if (r == 0 && last[i] == VSS_EVENT_FREEZE)
			actor_hang_up(&a);
		else if (r == 0)
			r = actor_ask(&a, VSS_EVENT_BYE, TRIAL_PLAIN, err);
		if (r == 0)
			r = actor_gone(&a, 0, err);
		if (r == 0)
			r = actor_released(&a, err);
		actor_end(&a);
	}
	return r;
}

#define GARBAGE(text) text, sizeof(text) - 1
const struct trial_garbage trial_garbages[] = {
	{ "garbage-line", "a line that is no event, then the end of input", GARBAGE("how are you today?\n") },
	{ "garbage-word", "an event without number and name", GARBAGE("event\nend\n") },
	{ "garbage-quote", "a quote that is not closed", GARBAGE("event 90 thaw x=\"yes\nend\n") },
	{ "garbage-escape", "an escape that is none", GARBAGE("event 90 thaw x=\"\\9z\"\nend\n") },
	{ "garbage-nul", "NUL and control bytes", GARBAGE("event 90 th\0aw\n\0\0\1\2\377\nend\n") },
	{ "garbage-long", "a line longer than any may be", NULL, 0 },
	{ "cut-line", "input ends in the middle of a line", GARBAGE("event 90 tha") },
	{ "cut-event", "input ends in the middle of an event", GARBAGE("event 90 thaw\nset 1\n") },
};
const size_t trial_ngarbages = sizeof trial_garbages / sizeof *trial_garbages;

static int
put_long(struct actor *a, struct vss_err *err)
{
	static char part[VSS_LINE_MAX / 16];
	int r = 0;

	memset(part, 'x', sizeof part);
	for (int i = 0; i < 17 && r == 0; i++)
		r = actor_put(a, part, sizeof part, err);
	return r == 0 ? actor_put(a, "\n", 1, err) : r;
}

int
trial_throw(struct trial *t, const struct trial_garbage *g, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = begin(&a, VSS_EVENT_FREEZE, err);

	if (r == 0)
		r = g->text ? actor_put(&a, g->text, g->n, err) : put_long(&a, err);
	if (r == 0)
		actor_hang_up(&a);
	return finish(&a, r, 0, err);
}
