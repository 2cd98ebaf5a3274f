/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "archive/state.h"
#include "base/mem.h"
#include "os/interrupt.h"
#include "requester/chain_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct verifying {
	const struct vss_verify *how;
	const char *path;    /* of the archive under hand, of several; NULL: there is one */
	uint64_t done, size; /* bytes of those before it, and of all */
	bool damaged;
};

static void
tell(void *ctx, const char *text)
{
	struct verifying *v = ctx;
	VSS_AUTOFREE char *named = v->path ? vss_strf("%s: %s", v->path, text) : vss_strdup(text);

	v->damaged = true;
	if (v->how->bad)
		v->how->bad(v->how->ctx, named);
}

static int
poll_verify(void *ctx, uint64_t bytes, struct vss_err *err)
{
	const struct verifying *v = ctx;

	if (vss_check_interrupt(err) < 0)
		return -1;
	return v->how->progress ? v->how->progress(v->how->ctx, 0, v->done + bytes, 0, v->size, err) : 0;
}

static int
verify_file(struct verifying *v, int fd, struct vss_err *err)
{
	return vss_archive_verify(fd, tell, v, poll_verify, err) < 0 ? -1 : 0;
}

static int
verify_one(struct verifying *v, const char *archive, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOCLOSE int fd = open(archive, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", archive);
	v->size = (uint64_t)st.st_size;
	return verify_file(v, fd, err) < 0 ? vss_wrap(err, "%s", archive) : 0;
}

/* --- a chain --- */

/* What each archive says of others is held against their own state. */
struct crossing {
	struct verifying *v;
	struct vss_chain *chain;
	struct vss_archive_tree **trees; /* of the images up to it */
	size_t at;			 /* the image whose lines are read */
};

static void
fault(struct crossing *x, const struct vss_member *m, const char *what)
{
	VSS_AUTOFREE char *shown = vss_escaped(m->path);
	VSS_AUTOFREE char *text = vss_strf("%s: %s", shown, what);

	tell(x->v, text);
}

/* Is the entry that is elsewhere there, and what it was? */
static int
check_elsewhere(struct crossing *x, const struct vss_member *m, struct vss_err *err)
{
	struct vss_archive_node n;
	int found;

	if (m->in >= x->at) {
		fault(x, m, "said to be in an archive that does not come before this one");
		return 0;
	}
	found = vss_archive_tree_find(x->trees[m->in], m->path, &n, err);
	if (found < 0)
		return -1;
	if (!found || n.elsewhere || n.partial)
		fault(x, m, "not in the archive that it is said to be in");
	else if (m->partial ? !S_ISREG(n.mode)
			    : (n.mode & S_IFMT) != (m->mode & S_IFMT) ||
				      (m->has_digest && n.has_digest && memcmp(n.sha256, m->sha256, 32) != 0))
		fault(x, m, "another in the archive that it is said to be in");
	return 0;
}

/* Ranges of a file are nothing without the rest of it. */
static int
check_ranges(struct crossing *x, const struct vss_member *m, struct vss_err *err)
{
	struct vss_archive_node n;
	int found = vss_archive_tree_find(x->trees[x->at], m->path, &n, err);

	if (found < 0)
		return -1;
	if (!found || !n.partial || !n.elsewhere)
		fault(x, m, "has ranges of it, and does not say where the rest is");
	return 0;
}

static int
check_line(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct crossing *x = ctx;

	if (vss_check_interrupt(err) < 0)
		return -1;
	if (m->elsewhere)
		return check_elsewhere(x, m, err);
	return m->partial ? check_ranges(x, m, err) : 0;
}

static int
check_image(struct crossing *x, struct vss_err *err)
{
	const struct vss_image *image = &x->chain->v[x->at];

	x->v->path = image->path;
	x->trees[x->at] = vss_archive_tree_new(image->reader, -1, err);
	if (!x->trees[x->at] || vss_archive_state_lines(image->reader, check_line, x, err) < 0)
		return vss_wrap(err, "%s", image->path);
	return 0;
}

static int
check_lines(struct verifying *v, struct vss_chain *c, struct vss_err *err)
{
	struct crossing x = { .v = v, .chain = c };
	int failed = 0;

	x.trees = vss_alloc(c->n * sizeof(struct vss_archive_tree *));
	for (; !failed && x.at < c->n; x.at++)
		failed = check_image(&x, err);
	for (size_t i = 0; i < c->n; i++)
		vss_archive_tree_free(x.trees[i]);
	free(x.trees);
	return failed;
}

static int
verify_images(struct verifying *v, struct vss_chain *c, struct vss_err *err)
{
	struct stat st;

	for (size_t i = 0; i < c->n; i++)
		v->size += fstat(c->v[i].fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	for (size_t i = 0; i < c->n; i++) {
		v->path = c->v[i].path;
		if (v->how->image)
			v->how->image(v->how->ctx, v->path);
		if (verify_file(v, c->v[i].fd, err) < 0)
			return vss_wrap(err, "%s", v->path);
		v->done += fstat(c->v[i].fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	}
	/* A manifest that is damaged says nothing of others. */
	return v->damaged ? 0 : check_lines(v, c, err);
}

/* Not vss_chain_open: it refuses what does not fit, and here all of it is to be named. */
static int
open_chain(struct vss_chain *c, const char *archive, struct vss_err *err)
{
	struct vss_image image;
	int fd = open(archive, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", archive);
	if (vss_image_open(&image, archive, fd, err) < 0)
		return -1;
	VSS_PUSH(c->v, c->n, c->cap) = image;
	if (vss_image_describe(&c->v[0], err) < 0)
		return -1;
	if (c->v[0].bcd->nchain == 0)
		return 0;
	return vss_chain_find(c, err) < 0 ? -1 : vss_chain_order(c, err);
}

static int
verify_chain(struct verifying *v, const char *archive, struct vss_err *err)
{
	struct vss_chain c = { 0 };
	int rc = open_chain(&c, archive, err);

	if (rc == 0)
		rc = verify_images(v, &c, err);
	vss_chain_close(&c);
	return rc;
}

int
vss_verify_backup(const char *archive, const struct vss_verify *how, struct vss_err *err)
{
	struct verifying v = { .how = how };

	if ((how->chain ? verify_chain(&v, archive, err) : verify_one(&v, archive, err)) < 0)
		return -1;
	return v.damaged;
}
