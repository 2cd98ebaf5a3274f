/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "base/mem.h"
#include "requester/chain.h"
#include "requester/document_copy.h"
#include "requester/restore_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
vss_existing_by_word(const char *w)
{
	static const char *const words[] = { "refuse", "skip", "replace", "keep-both" };

	for (int i = 0; i < 4; i++)
		if (strcmp(words[i], w) == 0)
			return i;
	return -1;
}

static int
check_request(const struct vss_restore_request *r, struct vss_err *err)
{
	if (!r->archives || !r->archives->n)
		return vss_fail(err, VSS_USAGE, 0, "name the archive");
	if (!r->target == !r->in_place)
		return vss_fail(err, VSS_USAGE, 0, "say where to: --target DIR, or --in-place");
	return 0;
}

/* -1 stays in *fd when the target is not there in a dry run: then nothing is in the way either. */
static int
open_root(const struct vss_restore_request *r, int *fd, bool *made, struct vss_err *err)
{
	const char *dir = r->in_place ? "/" : r->target;

	*made = !r->in_place && !r->dry_run && mkdir(dir, 0700) == 0;
	if (!*made && !r->in_place && !r->dry_run && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	*fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0 || (r->dry_run && errno == ENOENT))
		return 0;
	return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
}

/* Which archive it was about, when there are several. */
static int
blame(const struct vss_chain *c, size_t i, struct vss_err *err)
{
	const char *path = c->v[i].path;

	return vss_wrap(err, "%s", strcmp(path, "-") == 0 ? "archive" : path);
}

/* What no archive was found for is missing without a word. */
static int
check_answers(const struct vss_chain *c, struct vss_err *err)
{
	if (c->trouble.code == VSS_OK)
		return 0;
	*err = c->trouble;
	return -1;
}

/* A wish is fulfilled when any archive of the chain has what it means. */
static int
check_wishes(const struct vss_restore_image *v, size_t n, struct vss_err *err)
{
	for (size_t w = 0; w < v->wanted.nwishes; w++) {
		bool matched = false;
		for (size_t i = 0; i < n && !matched; i++)
			matched = v[i].wanted.wishes[w].matched;
		if (matched)
			continue;
		VSS_AUTOFREE char *shown = vss_escaped(v->wanted.wishes[w].path);
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: not in the archive", shown);
	}
	return 0;
}

/* What an archive cannot say of itself alone.  Of a stream nothing is known yet. */
static int
check_together(const struct vss_restore_image *v, struct vss_chain *c, struct vss_err *err)
{
	if (vss_archive_state(c->v[0].reader) == VSS_ARCHIVE_STREAM)
		return 0;
	if (check_answers(c, err) < 0 || check_wishes(v, c->n, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		c->total_files += v[i].placing.total_files;
		c->total_bytes += v[i].placing.total_bytes;
	}
	if (!c->total_files)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the archive holds nothing of what was asked for");
	return 0;
}

/* On what was not restored whole nothing can be built. */
static int
check_components(const struct vss_restore_image *i, struct vss_err *err)
{
	const struct vss_comeback *c = &i->comeback;

	for (size_t k = 0; c->failed && k < c->n; k++)
		if (c->failed[k])
			return vss_fail(err, VSS_PARTIAL, 0,
				"writer \"%s\": component %s was not restored whole, so what builds on this was not "
				"restored",
				c->v[k].writer->name, c->v[k].component->name);
	return 0;
}

/*
 * Has this image, after its writers were asked, directories of the last to make?  Plain ones are made with the first.  In a dry
 * run none is made, so each image has to know of them.
 */
static bool
needs_frame(const struct vss_restore_image *i, const struct vss_comeback *last)
{
	const struct vss_comeback *c = &i->comeback;

	for (size_t k = 0; k < last->n; k++)
		for (size_t own = 0; own < c->n; own++)
			if (last->places[k] == &c->own[own])
				return true;
	return i->at == 0;
}

static int
check_and_run(struct vss_restore_image *v, struct vss_chain *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (vss_restore_image_check(&v[i], err) < 0)
			return blame(c, i, err);
	if (check_together(v, c, err) < 0)
		return blame(c, c->n - 1, err);
	for (size_t i = 0; i + 1 < c->n; i++)
		if (v[i].request->dry_run || needs_frame(&v[i], &v[c->n - 1].comeback))
			v[i].placing.frame = &v[c->n - 1].placing;
	for (size_t i = 0; i < c->n; i++) {
		if (vss_restore_image_run(&v[i], err) < 0)
			return blame(c, i, err);
		if (i + 1 < c->n && check_components(&v[i], err) < 0)
			return blame(c, i, err);
	}
	return check_answers(c, err);
}

static int
restore_images(struct vss_chain *c, const struct vss_restore_request *r, int rootfd, struct vss_restore_result *out,
	struct vss_err *err)
{
	struct vss_restore_image *v = vss_alloc(c->n * sizeof *v);

	for (size_t i = 0; i < c->n; i++)
		v[i] = (struct vss_restore_image){
			.request = r, .chain = c, .at = i, .rootfd = rootfd, .result = out, .first = v
		};
	int rc = check_and_run(v, c, err);
	for (size_t i = 0; i < c->n; i++)
		vss_restore_image_clear(&v[i]);
	free(v);
	return rc;
}

static int
restore_chain(
	struct vss_chain *c, const struct vss_restore_request *r, struct vss_restore_result *out, struct vss_err *err)
{
	VSS_AUTOCLOSE int rootfd = -1;
	bool made = false;

	if (open_root(r, &rootfd, &made, err) < 0)
		return -1;
	int rc = restore_images(c, r, rootfd, out, err);
	if (rc < 0 && made)
		rmdir(r->target); /* stays when there is something in it */
	return rc;
}

int
vss_restore(const struct vss_restore_request *r, struct vss_restore_result *out, struct vss_err *err)
{
	struct vss_chain chain = { 0 };

	memset(out, 0, sizeof *out);
	if (check_request(r, err) < 0)
		return -1;
	int rc = vss_chain_open(&chain, r->archives, r->in_place || r->dry_run, r->spool, err);
	if (rc == 0 && r->document)
		rc = vss_document_use(&chain.v[chain.n - 1], r->document, err);
	if (rc == 0)
		rc = restore_chain(&chain, r, out, err);
	vss_chain_close(&chain);
	if (rc < 0)
		return -1;
	if (out->failed)
		return vss_fail(err, VSS_PARTIAL, 0, "done in part: %zu thing%s could not be restored", out->failed,
			out->failed == 1 ? "" : "s");
	return 0;
}
