/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOCK_WAIT_MS 2000

static int
move_out(int root, int store, const struct vss_shadow *s, const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *copy = vss_store_copy_path(&s->id);
	char id[VSS_UUID_TEXT];

	if (renameat2(root, copy, root, name, RENAME_NOREPLACE) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s/%s: put the copy there", s->place, name);
	vss_uuid_text(&s->id, id);
	if (unlinkat(store, id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "%s/" VSS_SHADOW_STORAGE "/%s: remove", s->place, id);
	if (syncfs(root) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: write it to disk", s->place);
	return 0;
}

int
vss_store_detach(const struct vss_shadow *s, const struct vss_store_kind *kind, const char *name, char **where,
	struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	VSS_AUTOCLOSE int store = root < 0 ? -1 : vss_store_find(root, kind->provider, err);
	VSS_AUTOCLOSE int lock = store < 0 ? -1 : vss_store_lock(store, LOCK_WAIT_MS, err);

	if (lock < 0 || move_out(root, store, s, name, err) < 0)
		return -1;
	*where = vss_path_join(s->place, name);
	return 0;
}
