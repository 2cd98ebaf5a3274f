/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/boot.h"

/* Samba's record of a share lasts by itself; what it leads to is mounted again at the same path. */
static int
expose_again(const struct vss_provider_ops *ops, const struct vss_shadow *sh, struct vss_err *err)
{
	struct copies_exposure e;
	int rc = 0;

	if (sh->exposed || copies_exposed_read(&sh->id, &e) < 0)
		return 0;
	VSS_AUTOFREE char *path = e.share ? copies_open_path("shares", e.share, err) : vss_strdup(e.path);
	if (!path || ops->expose(sh, sh->device, path, err) < 0)
		rc = vss_wrap(err, "expose it again");
	else if (vss_boot_id(&e.boot, err) < 0 || copies_exposed_note(&sh->id, &e, err) < 0)
		rc = -1;
	copies_exposure_clear(&e);
	return rc;
}

static int
bring_back(const struct vss_shadow *sh, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, err);

	if (!ops || ops->surface(sh, sh->device, err) < 0)
		return -1;
	return expose_again(ops, sh, err);
}

int
vss_copies_at_boot(size_t *failed, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };

	*failed = 0;
	vss_copies_reap();
	VSS_AUTOCLOSE int lock = copies_lock_exposures(0, err);
	if (lock < 0 || vss_copies_list(&sets, err) < 0)
		return -1;
	for (size_t i = 0; i < sets.n; i++)
		for (size_t k = 0; k < sets.v[i]->nshadows; k++) {
			const struct vss_shadow *sh = &sets.v[i]->shadows[k];
			struct vss_err why = VSS_ERR_INIT;
			if (!(sh->attributes & VSS_ATTR_PERSISTENT) || (sh->attributes & VSS_ATTR_TRANSPORTABLE) ||
				bring_back(sh, &why) == 0)
				continue;
			vss_warn("shadow copy of %s: %s", sh->volume, why.text);
			++*failed;
		}
	vss_set_list_free(&sets);
	return 0;
}
