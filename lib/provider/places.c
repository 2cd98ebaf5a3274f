/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/provider.h"

#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

void
vss_provider_places_free(struct vss_provider_places *p)
{
	for (size_t i = 0; i < p->n; i++) {
		close(p->v[i].dirfd);
		free(p->v[i].label);
	}
	free(p->v);
	*p = (struct vss_provider_places){ 0 };
}

void
vss_provider_places_move(
	struct vss_provider_places *to, struct vss_provider_places *from, const struct vss_provider_ops *of)
{
	for (size_t i = 0; i < from->n; i++) {
		from->v[i].provider = of;
		VSS_PUSH(to->v, to->n, to->cap) = from->v[i];
	}
	free(from->v);
	*from = (struct vss_provider_places){ 0 };
}

int
vss_provider_places_carry(const struct vss_provider_places *p, const struct vss_uuid *set, struct vss_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct vss_provider_ops *ops = p->v[i].provider;
		if (ops->carry && ops->carry(&p->v[i], set, err) < 0)
			return vss_wrap(err, "%s", p->v[i].label);
	}
	return 0;
}
