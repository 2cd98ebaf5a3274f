/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chain_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "requester/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* What one archive builds on, as far as it was found. */
struct search {
	const struct vss_bcd *of;
	struct vss_image *found; /* of->nchain of them; without a path: not yet */
	size_t missing;
	const char *dir;
};

static struct vss_image *
place_for(const struct search *s, const struct vss_uuid *backup_id)
{
	for (size_t i = 0; i < s->of->nchain; i++)
		if (!s->found[i].path && vss_uuid_eq(&s->of->chain[i].backup_id, backup_id))
			return &s->found[i];
	return NULL;
}

static int
open_file(struct vss_image *out, const char *path, struct vss_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (vss_image_open(out, path, fd, err) < 0)
		return -1;
	if (vss_image_describe(out, err) == 0)
		return 0;
	vss_image_close(out);
	return -1;
}

/* Is this one of those that are missing?  What cannot be read is none, and is named: it may be the one. */
static void
try_file(struct search *s, const char *path)
{
	struct vss_image image;
	struct vss_err why = VSS_ERR_INIT;

	if (open_file(&image, path, &why) < 0) {
		if (why.code != VSS_ABSENT)
			vss_warn("%s", why.text);
		return;
	}
	struct vss_image *place = place_for(s, &image.bcd->backup_id);
	if (!place) {
		vss_image_close(&image);
		return;
	}
	*place = image;
	s->missing--;
}

/* By the names that they had when they were built on. */
static void
try_hints(struct search *s)
{
	for (size_t i = 0; i < s->of->nchain; i++) {
		if (!s->of->chain[i].archive || s->found[i].path)
			continue;
		VSS_AUTOFREE char *path = vss_path_join(s->dir, vss_path_base(s->of->chain[i].archive));
		try_file(s, path);
	}
}

static int
try_directory(struct search *s, struct vss_err *err)
{
	struct vss_shelf shelf = { 0 };
	int rc = vss_shelf_read(&shelf, s->dir, err);

	for (size_t i = 0; rc == 0 && i < s->of->nchain; i++) {
		const struct vss_shelf_archive *a = vss_shelf_find(&shelf, &s->of->chain[i].backup_id, NULL);
		if (a && !s->found[i].path)
			try_file(s, a->path);
	}
	vss_shelf_clear(&shelf);
	return rc;
}

static int
refuse_missing(const struct search *s, const char *path, struct vss_err *err)
{
	size_t i = 0;

	while (s->found[i].path)
		i++;
	VSS_AUTOFREE char *called = vss_chain_called(&s->of->chain[i]);
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
		"%s builds on the %s, which is not there: put it into %s, or name it and all the others, in their "
		"order",
		path, called, s->dir);
}

/* The last one stands at the end from now on. */
static void
put_before(struct vss_chain *c, struct vss_image *found, size_t n)
{
	struct vss_image last = c->v[0];

	c->n = 0;
	for (size_t i = 0; i < n; i++)
		VSS_PUSH(c->v, c->n, c->cap) = found[i];
	VSS_PUSH(c->v, c->n, c->cap) = last;
}

int
vss_chain_find(struct vss_chain *c, struct vss_err *err)
{
	const struct vss_image *last = &c->v[0];
	VSS_AUTOFREE char *dir = vss_path_dir(last->path);
	VSS_AUTOFREE struct vss_image *found = vss_alloc(last->bcd->nchain * sizeof *found);
	struct search s = { last->bcd, found, last->bcd->nchain, dir };

	try_hints(&s);
	int rc = s.missing ? try_directory(&s, err) : 0;
	if (rc == 0 && s.missing)
		rc = refuse_missing(&s, last->path, err);
	if (rc == 0)
		put_before(c, found, s.of->nchain);
	for (size_t i = 0; rc < 0 && i < s.of->nchain; i++)
		if (found[i].path)
			vss_image_close(&found[i]);
	return rc;
}
