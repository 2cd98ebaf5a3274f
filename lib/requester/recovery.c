/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/plan.h"

#include "base/mem.h"
#include "model/logical.h"
#include "provider/provider.h"

static int
refuse(const struct vss_plan *p, const struct vss_choice_component *c, const struct vss_provider_ops *ops,
	const char *mount, struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_logical_full(c->component->logical_path, c->component->name, '/');

	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"writer \"%s\": component %s has to be recovered in its copy, and those of %s by provider %s cannot be "
		"written: leave it out (%s %s:%s)",
		c->writer->metadata->name, full, mount, ops->name, vss_plan_leave_out(p), c->writer->registration,
		full);
}

/* The volume of this file set, if it is in the plan; where it is read from a scratch directory, it need not be. */
static int
check_files(const struct vss_plan *p, const struct vss_choice_component *c, const struct vss_fileset *f,
	const char *provider, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_choice_real_path(f->alternate ? f->alternate : f->path);
	const struct vss_plan_place *at = vss_plan_place_of(p, dir);

	if (!at)
		return 0;
	const struct vss_volume *v = p->volumes[at->of].volume;
	const struct vss_provider_ops *ops =
		vss_provider_for(v, vss_plan_provider_for(&p->volumes[at->of], provider), err);
	if (!ops)
		return -1;
	return ops->writable ? 0 : refuse(p, c, ops, v->mount, err);
}

int
vss_plan_check_recovery(const struct vss_plan *p, const char *provider, struct vss_err *err)
{
	for (size_t i = 0; i < p->choice.ncomponents; i++) {
		const struct vss_choice_component *c = &p->choice.components[i];
		for (size_t k = 0; c->component->flags & VSS_CF_BACKUP_RECOVERY && k < c->component->nfiles; k++)
			if (check_files(p, c, &c->component->files[k], provider, err) < 0)
				return -1;
	}
	return 0;
}
