/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "base/mem.h"
#include "cli/opt.h"
#include "cli/out.h"
#include "os/interrupt.h"
#include "trial/trial.h"

#include <stdio.h>

struct output {
	struct vss_jw *json; /* or NULL: lines */
	bool broken;
};

static void
put_json(struct vss_jw *w, const char *check, const char *result, const char *text)
{
	vss_jw_begin_object(w);
	vss_jw_member_string(w, "check", check);
	vss_jw_member_string(w, "result", result);
	vss_jw_member_string(w, "reason", text);
	vss_jw_end_object(w);
}

/* As it comes, so that a long trial can be watched. */
static void
put_line(const char *check, enum vss_trial_outcome outcome, const char *text)
{
	VSS_AUTOFREE char *shown = vss_out_name(text);

	if (outcome == VSS_TRIAL_NOTE)
		vss_out("# %s: %s\n", check, shown);
	else if (text)
		vss_out("%s %s: %s\n", vss_trial_outcome_word(outcome), check, shown);
	else
		vss_out("%s %s\n", vss_trial_outcome_word(outcome), check);
	fflush(stdout);
}

static void
report(void *ctx, const char *check, enum vss_trial_outcome outcome, const char *text)
{
	struct output *out = ctx;

	out->broken = out->broken || outcome == VSS_TRIAL_BROKEN;
	if (out->json)
		put_json(out->json, check, vss_trial_outcome_word(outcome), text);
	else
		put_line(check, outcome, text);
}

int
check_run(const struct check_options *o, const struct vss_strv *words)
{
	struct vss_err err = VSS_ERR_INIT;
	struct output out = { 0 };
	const struct vss_trial trial = {
		.writer = words,
		.probe = &o->probe,
		.only = &o->only,
		.patience_ms = (unsigned)o->patience_s * 1000,
		.window_ms = (unsigned)o->window_ms,
		.restore = o->restore,
	};

	if (o->patience_s == 0 || o->patience_s > 3600)
		vss_fail(&err, VSS_USAGE, 0, "--patience: 1 to 3600 seconds");
	else if (o->window_ms == 0 || o->window_ms > 60000)
		vss_fail(&err, VSS_USAGE, 0, "--window: 1 to 60000 milliseconds");
	if (err.code != VSS_OK || vss_interrupt_catch(&err) != 0)
		return vss_finish(&err);
	if (o->json) {
		out.json = vss_out_json();
		vss_jw_begin_array(out.json);
	}
	vss_trial_run(&trial, report, &out, &err);
	if (out.json) {
		vss_jw_end_array(out.json);
		vss_out_json_end(out.json);
	}
	int status = vss_finish(&err);
	return status == 0 && out.broken ? 1 : status;
}

static void
put_check(void *ctx, const char *name, const char *what)
{
	struct vss_jw *w = ctx;

	if (!w) {
		vss_out("%-24s %s\n", name, what);
		return;
	}
	vss_jw_begin_object(w);
	vss_jw_member_string(w, "check", name);
	vss_jw_member_string(w, "what", what);
	vss_jw_end_object(w);
}

int
check_list(const struct check_options *o)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_jw *w = o->json ? vss_out_json() : NULL;

	if (w)
		vss_jw_begin_array(w);
	vss_trial_checks(put_check, w);
	if (w) {
		vss_jw_end_array(w);
		vss_out_json_end(w);
	}
	return vss_finish(&err);
}
