/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "base/time.h"

#include <inttypes.h>

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

void
session_stamp_effort(struct vss_session *s, const struct vss_provider_volume *v)
{
	const struct vss_provider_effort *e = &v->effort;

	if (!e->passes)
		return;
	VSS_AUTOFREE char *bound = e->memory ? vss_strf(" memory-max=%" PRIu64, e->memory) : vss_strdup("");
	VSS_AUTOFREE char *what =
		vss_strf("last-pass passes=%u looked=%" PRIu64 " changed=%" PRIu64 " bytes=%" PRIu64 " us=%" PRId64 "%s",
			e->passes, e->looked, e->changed, e->bytes, e->ns / 1000, bound);
	session_stamp(s, "volume", v->volume->mount, what, v->committed_ns);
}
