/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"
#include "rbd.h"
#include "snapshot.h"

#include "base/mem.h"

#include <string.h>

int
rbd_fail(struct vss_sdk *w, const struct vss_err *err)
{
	return vss_sdk_fail(
		w, err->code == VSS_ABSENT ? "VSS_E_OBJECT_NOT_FOUND" : "VSS_E_PROVIDER_VETO", 0, "%s", err->text);
}

/* locator=SNAPSHOT SPEC, apart: the caller frees both. */
static int
read_locator(struct vss_sdk *w, char **snapshot, char **spec)
{
	const char *text = vss_sdk_line_get(w, 0, "locator"), *space = text ? strchr(text, ' ') : NULL;

	if (!space || !memchr(text, '@', (size_t)(space - text)))
		return vss_sdk_fail(w, "E_INVALIDARG", 0, "locator= is none of ours");
	*snapshot = vss_strndup(text, (size_t)(space - text));
	*spec = vss_strdup(space + 1);
	return 0;
}

int
rbd_surface(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	VSS_AUTOFREE char *snapshot = NULL, *spec = NULL;
	struct vss_err err = VSS_ERR_INIT;

	if (read_locator(w, &snapshot, &spec) != 0)
		return -1;
	VSS_AUTOFREE char *device = snapshot_map(&r->command, snapshot, spec, &err);
	if (!device)
		return rbd_fail(w, &err);
	vss_sdk_answer(w, "device", device);
	return 0;
}

int
rbd_unsurface(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	VSS_AUTOFREE char *snapshot = NULL, *spec = NULL;
	struct vss_err err = VSS_ERR_INIT;

	if (read_locator(w, &snapshot, &spec) != 0)
		return -1;
	return snapshot_unmap(&r->command, snapshot, spec, &err) == 0 ? 0 : rbd_fail(w, &err);
}

int
rbd_exists(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	VSS_AUTOFREE char *snapshot = NULL, *spec = NULL;
	struct vss_err err = VSS_ERR_INIT;

	if (read_locator(w, &snapshot, &spec) != 0)
		return -1;
	int there = snapshot_exists(&r->command, snapshot, &err);
	if (there < 0)
		return rbd_fail(w, &err);
	vss_sdk_answer(w, "there", there ? "yes" : "no");
	return 0;
}

/* A snapshot of a group cannot lose one image: it goes with its last copy. */
int
rbd_delete(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	VSS_AUTOFREE char *snapshot = NULL, *spec = NULL;
	struct vss_err err = VSS_ERR_INIT;

	if (read_locator(w, &snapshot, &spec) != 0)
		return -1;
	if (mark_remove(&r->command, spec, vss_sdk_line_word(w, 0, 1), &err) != 0 ||
		snapshot_remove_unused(&r->command, snapshot, &err) != 0)
		return rbd_fail(w, &err);
	return 0;
}

int
rbd_list(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	VSS_AUTOSTRV struct vss_strv specs = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (images_mapped(r->sysfs, &specs, &err) != 0)
		return rbd_fail(w, &err);
	for (size_t i = 0; i < specs.n; i++) {
		VSS_AUTOSTRV struct vss_strv marks = VSS_STRV_INIT;
		if (marks_of(&r->command, specs.v[i], &marks, &err) != 0)
			return rbd_fail(w, &err);
		for (size_t k = 0; k < marks.n; k += 2)
			vss_sdk_copy(w, marks.v[k], NULL);
	}
	return 0;
}
