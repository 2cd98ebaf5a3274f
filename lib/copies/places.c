/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/log.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
convert(struct copies_places *p)
{
	p->v = vss_alloc(p->all.n * sizeof *p->v);
	for (size_t i = 0; i < p->all.n; i++)
		p->v[i] = (struct vss_catalog_place){ p->all.v[i].dirfd, p->all.v[i].label };
}

static void
gather(struct vss_provider_places *all, bool recording)
{
	for (const struct vss_provider_ops *const *ops = vss_providers(); *ops; ops++) {
		struct vss_provider_places some = { 0 };
		struct vss_err err = VSS_ERR_INIT;
		if (recording && !(*ops)->records_reverts)
			continue;
		if ((*ops)->places(*ops, &some, &err) < 0)
			vss_warn("%s: %s", (*ops)->title, err.text);
		vss_provider_places_move(all, &some, *ops);
	}
}

void
copies_places(struct copies_places *out)
{
	*out = (struct copies_places){ 0 };
	gather(&out->all, false);
	convert(out);
}

void
copies_places_recording(struct copies_places *out)
{
	*out = (struct copies_places){ 0 };
	gather(&out->all, true);
	convert(out);
}

static bool
has_document(int dirfd, const struct vss_uuid *set)
{
	char id[VSS_UUID_TEXT], name[VSS_UUID_TEXT + 4];

	vss_uuid_text(set, id);
	snprintf(name, sizeof name, "%s.xml", id);
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
copies_places_of(const struct vss_uuid *set, struct copies_places *out)
{
	struct vss_provider_places all = { 0 };

	*out = (struct copies_places){ 0 };
	gather(&all, false);
	for (size_t i = 0; i < all.n; i++) {
		if (has_document(all.v[i].dirfd, set)) {
			VSS_PUSH(out->all.v, out->all.n, out->all.cap) = all.v[i];
			continue;
		}
		close(all.v[i].dirfd);
		free(all.v[i].label);
	}
	free(all.v);
	convert(out);
}

void
copies_places_free(struct copies_places *p)
{
	vss_provider_places_free(&p->all);
	free(p->v);
	p->v = NULL;
}
