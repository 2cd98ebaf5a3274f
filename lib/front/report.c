/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/report.h"

#include "base/mem.h"
#include "base/time.h"
#include "cli/out.h"

const char *
vss_front_instant_text(enum vss_instant i)
{
	if (i == VSS_INSTANT_ONE)
		return "one instant";
	return i == VSS_INSTANT_MANY ? "an instant for each volume" : "files at different times";
}

void
vss_front_report_grade(const struct vss_set *set, int indent)
{
	vss_out("%*sConsistency: %s (%s)\n", indent, "", vss_grade_word(set->grade),
		vss_front_instant_text(set->instant));
	vss_out("%*sTime frozen: %.3f ms\n", indent, "", set->freeze_ms);
	if (set->held_ns > 0)
		vss_out("%*sWrites held: %.3f ms\n", indent, "", (double)set->held_ns / VSS_MS);
	if (set->skew_ns > 0)
		vss_out("%*sBetween the instants: %.3f ms\n", indent, "", (double)set->skew_ns / VSS_MS);
	for (size_t i = 0; i < set->cgroups.n; i++) {
		VSS_AUTOFREE char *name = vss_out_name(set->cgroups.v[i]);
		vss_out("%*sProcesses stopped, as those that write: '%s'\n", indent, "", name);
	}
}

void
vss_front_report_writers(const struct vss_set *set, int indent)
{
	for (size_t i = 0; i < set->nwriters; i++) {
		const struct vss_set_writer *w = &set->writers[i];
		VSS_AUTOFREE char *name = vss_out_name(w->name);
		VSS_AUTOFREE char *message = vss_out_name(w->message);
		vss_out("%*sWriter: '%s': [%d] %s, %s, %s%s%s\n", indent, "", name, (int)w->state,
			vss_writer_state_label(w->state), vss_writer_error_label(w->error), vss_grade_word(w->grade),
			*message ? ": " : "", message);
	}
}

void
vss_front_report_ledger(const struct vss_set *set, int indent)
{
	for (size_t i = 0; i < set->nledger; i++) {
		const struct vss_ledger_entry *e = &set->ledger[i];
		VSS_AUTOFREE char *who = vss_out_name(e->who);
		vss_out("%*s+%10.3f ms  %s: %s\n", indent, "", (double)e->at_ns / 1e6, who, e->what);
	}
}
