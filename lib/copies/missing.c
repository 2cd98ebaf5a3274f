/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/missing_internal.h"

#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Copies that somebody else has deleted behind our back.  Their directory in the storage is still there, because
 * only we remove it: so a deletion of ours that was cut short is told from somebody else's.
 */

static bool
stands_in(const struct vss_provider_place *p, const char *name)
{
	return faccessat(p->dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool
copies_has_entry(const struct copies_places *places, const struct vss_shadow *s)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, id);
	for (size_t i = 0; i < places->all.n; i++)
		if (strcmp(places->all.v[i].provider->name, s->provider) == 0 && stands_in(&places->all.v[i], id))
			return true;
	return false;
}

/* The cheap look, where most providers have the content.  A place made from elsewhere has entries of what is there only. */
static bool
is_seen(const struct copies_places *places, const struct vss_shadow *s)
{
	char id[VSS_UUID_TEXT], copy[VSS_UUID_TEXT + 8];

	vss_uuid_text(&s->id, id);
	snprintf(copy, sizeof copy, "%s/copy", id);
	for (size_t i = 0; i < places->all.n; i++) {
		const struct vss_provider_place *p = &places->all.v[i];
		if (strcmp(p->provider->name, s->provider) == 0 && stands_in(p, p->provider->carry ? id : copy))
			return true;
	}
	return false;
}

/* Where copies can lose what they hold while they stay, their provider is asked of each. */
static bool
is_lost(const struct vss_shadow *s)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, &err);

	return ops && ops->carry && ops->exists(s, &err) < 0 && err.code == VSS_CORRUPT;
}

void
copies_find_missing(struct vss_set_list *sets, const struct copies_places *places)
{
	for (size_t i = 0; i < sets->n; i++) {
		for (size_t k = 0; k < sets->v[i]->nshadows; k++) {
			struct vss_shadow *s = &sets->v[i]->shadows[k];
			struct vss_err unknown = VSS_ERR_INIT;
			const struct vss_provider_ops *ops =
				is_seen(places, s) ? NULL : vss_provider_named(s->provider, &unknown);
			s->missing = ops && ops->exists(s, &unknown) == 0;
			s->lost = !ops && is_lost(s);
		}
	}
}
