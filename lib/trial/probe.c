/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <poll.h>

enum { PAUSE_MS = 20, FROZEN_MS = 500, PROBE_BYTES = 1 << 20 };

static int
probe(const struct trial *t, int timeout_ms, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;

	return vss_run((const char *const *)t->o->probe->v, timeout_ms, PROBE_BYTES, &out, err);
}

int
trial_usable_now(struct trial *t, struct vss_err *err)
{
	if (t->o->probe->n == 0 || probe(t, (int)t->o->patience_ms, err) == 0)
		return 0;
	return vss_wrap(err, "before anything was done the probe fails");
}

int
trial_usable(struct trial *t, const char *when, struct vss_err *err)
{
	int64_t end = vss_now_mono() + t->o->patience_ms * VSS_MS;

	if (t->o->probe->n == 0)
		return 0;
	/* An engine may need a moment to see that a connection has ended. */
	for (;;) {
		struct vss_err why = VSS_ERR_INIT;
		int left = vss_time_poll_ms(end);

		if (probe(t, left > 0 ? left : 1, &why) == 0)
			return 0;
		if (vss_check_interrupt(err) != 0)
			return -1;
		if (vss_now_mono() >= end)
			return vss_fail(
				err, VSS_INVALID, 0, "%s the application does not take writes: %s", when, why.text);
		poll(NULL, 0, PAUSE_MS);
	}
}

void
trial_probe_frozen(struct trial *t)
{
	struct vss_err why = VSS_ERR_INIT;

	if (t->o->probe->n == 0 || t->probed_frozen)
		return;
	t->probed_frozen = true;
	if (probe(t, FROZEN_MS, &why) == 0)
		trial_tell(t, VSS_TRIAL_NOTE, "while it is frozen the probe succeeds");
	else if (why.code == VSS_TIMEOUT)
		trial_tell(t, VSS_TRIAL_NOTE, "while it is frozen the probe waits");
	else
		trial_tell(t, VSS_TRIAL_NOTE, "while it is frozen the probe fails");
}
