/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chain_internal.h"

#include "base/mem.h"
#include "os/interrupt.h"

#include <stdlib.h>
#include <sys/stat.h>

/*
 * What the last archive says to be elsewhere must be there, or a restore would leave it out without a word.  Counting
 * is enough for that: no archive has a path twice.
 */
struct count {
	struct vss_chain *c;
	size_t image;
	uint64_t *said, *found; /* by image */
};

static int
count_said(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct count *x = ctx;

	if (m->elsewhere && m->in < x->c->n)
		x->said[m->in]++;
	return vss_check_interrupt(err);
}

static int
count_found(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct count *x = ctx;

	if (vss_chain_has(x->c, x->image, m->path) && !vss_chain_goes_over(x->c, x->image, m->path))
		x->found[x->image]++;
	return vss_check_interrupt(err);
}

/* Only when it is known that there is one: looking for it takes long. */
struct missing {
	size_t image;
	struct vss_archive_tree *tree; /* of that image */
	char *path;
};

static int
note_missing(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct missing *x = ctx;
	struct vss_archive_node node;

	if (x->path || !m->elsewhere || m->in != x->image)
		return 0;
	int found = vss_archive_tree_find(x->tree, m->path, &node, err);
	if (found == 0 || (found == 1 && node.elsewhere))
		x->path = vss_escaped(m->path);
	return found < 0 ? -1 : 0;
}

static int
name_missing(const struct vss_chain *c, size_t image, struct vss_err *err)
{
	const struct vss_image *from = &c->v[image], *last = &c->v[c->n - 1];
	struct missing x = { .image = image, .tree = vss_archive_tree_new(from->reader, -1, err) };
	int rc = x.tree ? vss_archive_state_lines(last->reader, note_missing, &x, err) : -1;

	if (rc == 0)
		rc = vss_fail(err, VSS_CORRUPT, 0, "%s says that %s is in %s, where it is not", last->path,
			x.path ? x.path : "a file", from->path);
	vss_archive_tree_free(x.tree);
	free(x.path);
	return rc;
}

int
vss_chain_check_whole(struct vss_chain *c, struct vss_err *err)
{
	VSS_AUTOFREE uint64_t *said = vss_alloc(c->n * sizeof *said), *found = vss_alloc(c->n * sizeof *found);
	struct count x = { .c = c, .said = said, .found = found };

	if (vss_archive_state_lines(c->v[c->n - 1].reader, count_said, &x, err) < 0)
		return -1;
	for (x.image = 0; x.image + 1 < c->n; x.image++)
		if (vss_archive_each(c->v[x.image].reader, count_found, &x, err) < 0)
			return -1;
	for (size_t i = 0; i + 1 < c->n; i++)
		if (said[i] != found[i])
			return name_missing(c, i, err);
	if (c->trouble.code == VSS_OK)
		return 0;
	*err = c->trouble;
	return -1;
}
