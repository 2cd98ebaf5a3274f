/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "base/time.h"

/* `at` is monotonic: stamps are often known only after they happened (a writer's answer, a provider's commit). */
void
session_stamp(struct vss_session *s, const char *kind, const char *name, const char *what, int64_t at)
{
	struct vss_set *set = s->set;
	VSS_AUTOFREE char *who = name ? vss_strf("%s %s", kind, name) : vss_strdup(kind);

	if (!set->nledger)
		set->ledger_zero = at;
	vss_set_add_stamp(set, who, what, at - set->ledger_zero);
}
