/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdk/vss-provider.h"

#include "base/num.h"
#include "base/time.h"
#include "sdk/sdk_internal.h"

#include <string.h>

enum { LIMIT_MS = 10000 };

static int
call(struct vss_sdk *w, const char *event)
{
	for (const struct vss_sdk_handler *h = w->handlers; h->event; h++)
		if (strcmp(h->event, event) == 0)
			return h->run(w, w->self);
	return 0;
}

static int
call_alone(struct vss_sdk *w, const char *event)
{
	w->event = event;
	int r = call(w, event);
	vss_buf_reset(&w->said);
	vss_buf_reset(&w->answers);
	sdk_clear_failure(w);
	return r;
}

static bool
is_handled(const struct vss_sdk *w, const char *event)
{
	for (const struct vss_sdk_handler *h = w->handlers; h->event; h++)
		if (strcmp(h->event, event) == 0)
			return true;
	return false;
}

static void
note_limit(struct vss_sdk *w)
{
	const char *text = vss_sdk_arg(w, "limit-ms");
	uint64_t ms;

	w->limit_ms = text && vss_parse_u64(text, &ms) == 0 && ms <= LIMIT_MS ? (int64_t)ms : LIMIT_MS;
}

/* The moment at which everything that is held is let go of. */
static void
arm(struct vss_sdk *w)
{
	w->frozen = true;
	w->thawed_alone = false;
	w->deadline = vss_now_mono() + w->limit_ms * VSS_MS;
}

static void
release(struct vss_sdk *w)
{
	const char *event = w->event;

	w->frozen = false;
	w->thawed_alone = true;
	(void)call_alone(w, "release");
	w->event = event;
}

static int
refuse_late(struct vss_sdk *w)
{
	return vss_sdk_fail(w, "VSS_E_PROVIDER_VETO", 0, "released what it held: the set took too long");
}

static bool
is_one_of(const char *event, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(event, *names) == 0)
			return true;
	return false;
}

static int
on_hello(struct vss_sdk *w)
{
	const char *version = vss_sdk_arg(w, "version");

	if (!version || strcmp(version, "1") != 0)
		return vss_sdk_fail(w, "VSS_E_PROVIDER_VETO", 0, "speaks version 1 of the protocol only");
	return call(w, "hello");
}

/* One of the phases between which something may be held. */
static int
on_held_phase(struct vss_sdk *w)
{
	if (strcmp(w->event, "pre-commit") == 0)
		arm(w);
	else if (w->thawed_alone)
		return refuse_late(w);
	int r = call(w, w->event);
	if (w->frozen && vss_now_mono() >= w->deadline) {
		release(w);
		return refuse_late(w);
	}
	if (strcmp(w->event, "post-commit") == 0 && r == 0)
		w->frozen = false;
	return r;
}

static int
on_end_of_set(struct vss_sdk *w)
{
	int r = call(w, w->event);

	if (r == 0)
		w->begun = w->frozen = w->thawed_alone = false;
	return r;
}

static int
dispatch(struct vss_sdk *w)
{
	static const char *const held[] = { "pre-commit", "commit", "post-commit", NULL };
	static const char *const last[] = { "final-commit", "abort", NULL };
	static const char *const optional[] = { "check", "prepare", "unsurface", NULL };

	if (strcmp(w->event, "hello") == 0)
		return on_hello(w);
	if (strcmp(w->event, "bye") == 0) {
		w->leaving = true;
		return call(w, "bye");
	}
	if (strcmp(w->event, "begin") == 0) {
		w->begun = true;
		w->thawed_alone = false;
		note_limit(w);
	}
	if (is_one_of(w->event, held))
		return on_held_phase(w);
	if (is_one_of(w->event, last))
		return on_end_of_set(w);
	if (strcmp(w->event, "begin") == 0 || is_handled(w, w->event) || is_one_of(w->event, optional))
		return call(w, w->event);
	return vss_sdk_fail(w, "VSS_E_PROVIDER_VETO", 0, "%s: this event is not known", w->event);
}

static int
handle(struct vss_sdk *w)
{
	int r = dispatch(w);

	if (r != 0)
		vss_sdk_fail(w, "VSS_E_PROVIDER_VETO", 0, "%s failed", w->event);
	return r;
}

static void
leave(struct vss_sdk *w)
{
	if (w->frozen)
		release(w);
	if (w->begun)
		(void)call_alone(w, "abort");
}

static const struct sdk_role role = { .handle = handle, .pass_deadline = release, .leave = leave };

int
vss_sdk_provide(const struct vss_sdk_handler *handlers, void *self)
{
	struct vss_sdk w = { .role = &role, .handlers = handlers, .self = self, .talk = { .in = -1, .out = -1 } };

	return sdk_converse(&w);
}

void
vss_sdk_copy(struct vss_sdk *w, const char *shadow, const char *locator)
{
	vss_sdk_say(w, "copy");
	vss_sdk_word(w, shadow);
	vss_sdk_pair(w, "locator", locator);
	vss_sdk_said(w);
}
