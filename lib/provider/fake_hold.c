/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/fake_internal.h"

#include "base/mem.h"
#include "base/str.h"

static bool
wishes(const struct vss_provider_volume *v, const char *wish)
{
	VSS_AUTOFREE char *this_one = vss_strf("%s:%s", wish, v->volume->mount);

	return vss_fake_asked("hold", wish) || vss_fake_asked("hold", this_one);
}

enum vss_provider_hold
vss_fake_hold(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	(void)ps;
	if (wishes(v, "wants"))
		return VSS_PROVIDER_HOLD_WANTS;
	return wishes(v, "may") ? VSS_PROVIDER_HOLD_MAY : VSS_PROVIDER_HOLD_NEVER;
}

bool
vss_fake_is_fuzzy(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	return wishes(v, "wants") && !v->to_hold && !ps->cgroups;
}

/* Held volumes, and those that nobody is there to write to, go with any other. */
enum vss_instant
vss_fake_promise(const struct vss_provider_set *ps)
{
	enum vss_instant asked = vss_fake_instant();
	size_t free = 0;

	for (size_t i = 0; i < ps->n; i++) {
		if (vss_fake_is_fuzzy(ps, &ps->v[i]))
			return VSS_INSTANT_FUZZY;
		free += !ps->v[i].to_hold && !ps->cgroups;
	}
	return asked == VSS_INSTANT_MANY && free <= 1 ? VSS_INSTANT_ONE : asked;
}
