/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdk/sdk_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { FREEZE_WINDOW_MS = 60000 };

static int
call(struct vss_sdk *w, sdk_callback *f)
{
	return f ? f(w, w->self) : 0;
}

void
sdk_call_alone(struct vss_sdk *w, sdk_callback *f, const char *event)
{
	w->event = event;
	call(w, f);
	vss_buf_reset(&w->said);
	vss_buf_reset(&w->answers);
	sdk_clear_failure(w);
}

int
sdk_thaw(struct vss_sdk *w, enum vss_sdk_thaw_reason reason)
{
	const char *event = w->event;

	w->frozen = false;
	w->event = "thaw";
	vss_stop_point("sdk.thaw");
	int r = w->ops->thaw ? w->ops->thaw(w, w->self, reason) : 0;
	w->event = event;
	return r;
}

static int
on_hello(struct vss_sdk *w)
{
	const char *version = vss_sdk_arg(w, "version"), *scratch = vss_sdk_arg(w, "scratch");

	if (!version || strcmp(version, "1") != 0)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "speaks version 1 of the protocol only");
	free(w->scratch);
	w->scratch = vss_strdup(scratch);
	return call(w, w->ops->hello);
}

static int
on_prepare_backup(struct vss_sdk *w)
{
	w->begun = w->opened = true;
	return call(w, w->ops->prepare_backup);
}

static int
on_prepare_snapshot(struct vss_sdk *w)
{
	w->begun = w->opened = true;
	return call(w, w->ops->prepare_snapshot);
}

static int64_t
window_end(const struct vss_sdk *w)
{
	const char *text = vss_sdk_arg(w, "timeout-ms");
	uint64_t ms;

	if (!text || vss_parse_u64(text, &ms) != 0 || ms > FREEZE_WINDOW_MS)
		ms = FREEZE_WINDOW_MS;
	return vss_now_mono() + (int64_t)ms * VSS_MS;
}

static int
on_freeze(struct vss_sdk *w)
{
	if (w->frozen)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "is frozen already");
	w->begun = w->opened = w->frozen = true;
	w->thawed_alone = false;
	free(w->freeze_seq);
	w->freeze_seq = vss_strdup(w->seq);
	w->deadline = window_end(w); /* armed before anything is held */
	vss_stop_point("sdk.freeze");
	if (call(w, w->ops->freeze) != 0) {
		sdk_record_failure(w, false, "VSS_E_WRITERERROR_NONRETRYABLE", 0, vss_strdup("freeze failed"));
		sdk_thaw(w, VSS_SDK_THAW_FAILED);
		return -1;
	}
	if (vss_now_mono() < w->deadline)
		return 0;
	sdk_thaw(w, VSS_SDK_THAW_DEADLINE);
	return vss_sdk_fail(w, "VSS_E_WRITERERROR_TIMEOUT", 0, "could not freeze within its window");
}

static int
on_thaw(struct vss_sdk *w)
{
	if (w->frozen)
		return sdk_thaw(w, VSS_SDK_THAW_EVENT);
	if (w->thawed_alone)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_TIMEOUT", 0, "had thawed by itself at its deadline");
	return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "was not frozen");
}

/* However often it comes: what is undone once is not undone again (W57). */
static int
on_abort(struct vss_sdk *w)
{
	int r = w->frozen ? sdk_thaw(w, VSS_SDK_THAW_ABORT) : 0;

	if (w->begun && call(w, w->ops->abort) != 0)
		r = -1;
	w->begun = false;
	return r;
}

static int
on_post_snapshot(struct vss_sdk *w)
{
	int r = call(w, w->ops->post_snapshot);

	w->begun = false; /* no abort comes behind it (W59) */
	return r;
}

static int
on_identify(struct vss_sdk *w)
{
	return call(w, w->ops->identify);
}

static int
on_backup_complete(struct vss_sdk *w)
{
	return call(w, w->ops->backup_complete);
}

static int
on_backup_shutdown(struct vss_sdk *w)
{
	w->opened = false;
	return call(w, w->ops->backup_shutdown);
}

static int
on_pre_restore(struct vss_sdk *w)
{
	return call(w, w->ops->pre_restore);
}

static int
on_post_restore(struct vss_sdk *w)
{
	return call(w, w->ops->post_restore);
}

static int
on_bye(struct vss_sdk *w)
{
	w->leaving = true;
	if (w->frozen)
		sdk_thaw(w, VSS_SDK_THAW_END_OF_INPUT);
	return call(w, w->ops->bye);
}

static const struct {
	const char *name;
	int (*handle)(struct vss_sdk *w);
} events[] = {
	{ "hello", on_hello },
	{ "identify", on_identify },
	{ "prepare-backup", on_prepare_backup },
	{ "prepare-snapshot", on_prepare_snapshot },
	{ "freeze", on_freeze },
	{ "thaw", on_thaw },
	{ "post-snapshot", on_post_snapshot },
	{ "abort", on_abort },
	{ "backup-complete", on_backup_complete },
	{ "backup-shutdown", on_backup_shutdown },
	{ "pre-restore", on_pre_restore },
	{ "post-restore", on_post_restore },
	{ "bye", on_bye },
};

int
sdk_handle(struct vss_sdk *w)
{
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (strcmp(events[i].name, w->event) == 0)
			return events[i].handle(w);
	return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "%s: this event is not known", w->event);
}
