/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { SMALL_PIPE = 4096, TURN_MS = 50, STILL_TURNS = 4 };

int
trial_same_identity(const struct vss_strv *before, const struct vss_strv *now, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv a = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv b = VSS_STRV_INIT;

	for (size_t i = 0; i < before->n; i++)
		vss_strv_add(&a, before->v[i]);
	for (size_t i = 0; i < now->n; i++)
		vss_strv_add(&b, now->v[i]);
	vss_strv_sort(&a);
	vss_strv_sort(&b);
	for (size_t i = 0; i < a.n && i < b.n; i++)
		if (strcmp(a.v[i], b.v[i]) != 0)
			return vss_fail(err, VSS_INVALID, 0, "identify: was %s, is now %s", a.v[i], b.v[i]);
	if (a.n != b.n)
		return vss_fail(err, VSS_INVALID, 0, "identify: were %zu statements, are now %zu", a.n, b.n);
	return 0;
}

/* An answer of a certain kind to any event. */
static int
expect_fail(struct actor *a, const char *event, struct vss_err *err)
{
	if (actor_hear(a, a->seq, event, err) != 0)
		return -1;
	if (strcmp(vss_line_word(&a->answer, 0), "fail") == 0)
		return 0;
	VSS_AUTOFREE char *text = actor_answer_text(a);
	return vss_fail(err, VSS_INVALID, 0, "fail was expected, it said: %s", text);
}

int
check_hello(struct trial *t, enum vss_event event, struct vss_err *err)
{
	static const char text[] = "event 12 hello version=2001 x-new=yes\nend\n";
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_put(&a, text, strlen(text), err);
	a.seq = 12;
	if (r == 0 && expect_fail(&a, "hello", err) != 0)
		r = vss_wrap(err, "version 2001 of the protocol");
	actor_end(&a);
	return r;
}

static void
tell_overlap(void *ctx, const char *text)
{
	trial_tell(ctx, VSS_TRIAL_NOTE, text);
}

int
check_identify_again(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_go(&a, VSS_EVENT_IDENTIFY, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_IDENTIFY, TRIAL_PLAIN, err);
	if (r == 0)
		r = trial_same_identity(&t->identity, &a.texts, err);
	if (r == 0)
		vss_metadata_overlaps(t->metadata, tell_overlap, t);
	actor_end(&a);
	return r;
}

/* Z1: a second requester asks while a first one holds it. */
int
check_identify_frozen(struct trial *t, enum vss_event event, struct vss_err *err)
{
	static const enum vss_event rest[] = { VSS_EVENT_THAW, VSS_EVENT_POST_SNAPSHOT, VSS_EVENT_BACKUP_SHUTDOWN };
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_go(&a, VSS_EVENT_FREEZE, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_IDENTIFY, TRIAL_PLAIN, err);
	if (r == 0)
		r = trial_same_identity(&t->identity, &a.texts, err);
	for (size_t i = 0; i < sizeof rest / sizeof *rest && r == 0; i++)
		r = actor_ask(&a, rest[i], TRIAL_PLAIN, err);
	if (r == 0)
		r = trial_usable(t, "at the end", err);
	actor_end(&a);
	return r;
}

int
check_unknown_words(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_go(&a, VSS_EVENT_BACKUP_SHUTDOWN, TRIAL_UNKNOWN, err);
	actor_end(&a);
	return r;
}

int
check_unknown_event(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_go(&a, VSS_EVENT_PREPARE_BACKUP, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_say(&a, "x-unknown", TRIAL_UNKNOWN, err);
	if (r == 0)
		r = expect_fail(&a, "x-unknown", err);
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_PREPARE_SNAPSHOT, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_ABORT, TRIAL_PLAIN, err);
	actor_end(&a);
	return r;
}

static size_t
answer_size(const struct trial *t)
{
	size_t n = sizeof "ok 1\n";

	for (size_t i = 0; i < t->identity.n; i++)
		n += strlen(t->identity.v[i]) + 1;
	return n;
}

/* Until the pipe takes no more: nothing has come for a while. */
static int
let_it_fill(const struct actor *a, struct vss_err *err)
{
	int64_t end = vss_now_mono() + a->t->o->patience_ms * VSS_MS;
	int before = -1, now = 0;

	for (int still = 0; still < STILL_TURNS && vss_now_mono() < end; still = now == before ? still + 1 : 0) {
		before = now;
		poll(NULL, 0, TURN_MS);
		if (ioctl(a->w.talk.in, FIONREAD, &now) != 0)
			return vss_fail(err, VSS_SYSTEM, errno, "its output");
	}
	return vss_check_interrupt(err);
}

/* Its answers fill the pipe before anybody reads them. */
int
check_slow_reader(struct trial *t, enum vss_event event, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	(void)event;
	if (r == 0)
		r = actor_go(&a, VSS_EVENT_IDENTIFY, TRIAL_PLAIN, err);
	if (r == 0)
		fcntl(a.w.talk.in, F_SETPIPE_SZ, SMALL_PIPE);
	unsigned long first = a.seq;
	for (size_t said = 0; said < 2 * SMALL_PIPE && r == 0; said += answer_size(t))
		r = actor_say(&a, "identify", TRIAL_PLAIN, err);
	if (r == 0)
		r = let_it_fill(&a, err);
	for (unsigned long seq = first + ACTOR_STEP; r == 0 && seq <= a.seq; seq += ACTOR_STEP)
		if ((r = actor_hear(&a, seq, "identify", err)) == 0)
			r = trial_same_identity(&t->identity, &a.texts, err);
	actor_end(&a);
	return r;
}
