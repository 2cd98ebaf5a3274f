/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* In the order of their names; the fake one apart, because it takes part in trials only. */
static const struct vss_provider_ops *const all[] = { &vss_provider_btrfs, &vss_provider_clone, &vss_provider_fake,
	NULL };
static const struct vss_provider_ops *const real[] = { &vss_provider_btrfs, &vss_provider_clone, NULL };

bool
vss_in_trial(void)
{
	return secure_getenv("VSS_FAKE_VOLUMES") != NULL;
}

const struct vss_provider_ops *const *
vss_providers(void)
{
	return vss_in_trial() ? all : real;
}

static bool
is_called(const struct vss_provider_ops *p, const char *word)
{
	struct vss_uuid own, asked;

	if (vss_str_caseeq(p->name, word))
		return true;
	return vss_uuid_parse(word, &asked) == 0 && vss_uuid_parse(p->id, &own) == 0 && vss_uuid_eq(&own, &asked);
}

const struct vss_provider_ops *
vss_provider_named(const char *word, struct vss_err *err)
{
	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++)
		if (is_called(*p, word))
			return *p;
	vss_fail(err, VSS_E_PROVIDER_NOT_REGISTERED, 0, "%s: there is no such provider (see list-providers)", word);
	return NULL;
}

static const struct vss_provider_ops *
best_bid(const struct vss_volume *v)
{
	const struct vss_provider_ops *best = NULL;
	int highest = 0;

	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++) {
		int score = (*p)->bid(*p, v);
		if (score > highest) {
			highest = score;
			best = *p;
		}
	}
	return best;
}

const struct vss_provider_ops *
vss_provider_for(const struct vss_volume *v, const char *wish, struct vss_err *err)
{
	const struct vss_provider_ops *p = wish ? vss_provider_named(wish, err) : best_bid(v);

	if (wish && !p)
		return NULL;
	if (wish && p->bid(p, v) == 0) {
		vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: the %s provider cannot copy a volume of type %s; leave --provider out to have one chosen",
			v->mount, p->name, v->fstype);
		return NULL;
	}
	if (!p)
		vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED, 0,
			"%s: no provider takes a volume of type %s; name a path on a disk file system instead",
			v->mount, v->fstype);
	return p;
}

void
vss_provider_lost_free(struct vss_provider_volume *v)
{
	for (size_t i = 0; i < v->nlost; i++) {
		free(v->lost[i].path);
		free(v->lost[i].why);
	}
	free(v->lost);
	v->lost = NULL;
	v->nlost = v->clost = 0;
}
