/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"
#include "rbd.h"
#include "snapshot.h"

#include "base/mem.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Ceph RBD: a copy is the part that an image has of a snapshot of its group.  What belongs to what stands in the cluster, as
 * metadata of the images (image.h), and nothing here.  vss-provider-rbd(8).
 */
enum { COMMAND_MS = 30000, COMMIT_MS = 9000 };

/* --- Choice --- */

static int
on_hello(struct vss_sdk *w, void *self)
{
	(void)self;
	vss_sdk_answer(w, "provider-version", VSS_VERSION);
	vss_sdk_answer(w, "atomic-set", "yes");
	vss_sdk_answer(w, "differential", "yes");
	vss_sdk_answer(w, "hold", "wants"); /* what is mapped read-only cannot replay its journal */
	return 0;
}

/* Image and group of line `i`; the caller clears it.  A group it must have. */
static int
find_image(const struct rbd *r, const struct vss_sdk *w, size_t i, struct image *out, struct vss_err *err)
{
	const char *number = vss_sdk_line_get(w, i, "device-number");
	int none = number ? image_of_device(r->sysfs, number, out, err) : 1;

	if (none < 0)
		return -1;
	if (none)
		return vss_fail(err, VSS_INVALID, 0, "not an RBD image");
	if (image_find_group(&r->command, out, err) != 0)
		return -1;
	if (!out->group)
		return vss_fail(err, VSS_INVALID, 0,
			"image %s is in no group: make one (rbd group create, rbd group image add)", out->spec);
	return 0;
}

static int
on_volume(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	const char *number = vss_sdk_line_get(w, 0, "device-number");
	struct vss_err err = VSS_ERR_INIT;
	struct image image = { 0 };
	int none = number ? image_of_device(r->sysfs, number, &image, &err) : 1;

	image_clear(&image);
	if (none < 0)
		return rbd_fail(w, &err);
	vss_sdk_answer(w, "bid", none ? "0" : "80");
	return 0;
}

static int
on_check(struct vss_sdk *w, void *self)
{
	struct vss_err err = VSS_ERR_INIT;
	struct image image = { 0 };
	int rc = find_image(self, w, 0, &image, &err);

	image_clear(&image);
	return rc == 0 ? 0 : rbd_fail(w, &err);
}

static int
on_plan(struct vss_sdk *w, void *self)
{
	struct vss_err err = VSS_ERR_INIT;
	struct image first = { 0 };
	bool one = true;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < vss_sdk_lines(w); i++) {
		struct image image = { 0 };
		rc = find_image(self, w, i, i == 0 ? &first : &image, &err);
		one = one && (i == 0 || vss_str_eq(image.group, first.group));
		image_clear(&image);
	}
	image_clear(&first);
	if (rc != 0)
		return rbd_fail(w, &err);
	vss_sdk_answer(w, "instant", one ? "one" : "many");
	return 0;
}

/* --- A set --- */

static void
forget(struct rbd *r)
{
	free(r->set);
	r->set = NULL;
	vss_strv_free(&r->shadows);
	vss_strv_free(&r->specs);
	vss_strv_free(&r->snapshots);
}

static int
add_copy(struct rbd *r, const struct vss_sdk *w, size_t i, struct vss_err *err)
{
	struct image image = { 0 };
	int rc = find_image(r, w, i, &image, err);

	if (rc == 0) {
		vss_strv_add(&r->shadows, vss_sdk_line_word(w, i, 1));
		vss_strv_add(&r->specs, image.spec);
		vss_strv_take(&r->snapshots, vss_strf("%s@vss-%s", image.group, r->set));
	}
	image_clear(&image);
	return rc;
}

/* Whatever there is of these copies: snapshots first, since the marks are what they are found by. */
static int
undo(struct rbd *r, struct vss_err *err)
{
	for (size_t i = 0; i < r->snapshots.n; i++)
		if (snapshot_remove(&r->command, r->snapshots.v[i], err) != 0)
			return -1;
	for (size_t i = 0; i < r->shadows.n; i++)
		if (mark_remove(&r->command, r->specs.v[i], r->shadows.v[i], err) != 0)
			return -1;
	return 0;
}

static int
on_begin(struct vss_sdk *w, void *self)
{
	struct rbd *r = self;
	struct vss_err err = VSS_ERR_INIT;

	if (r->set && undo(r, &err) != 0)
		return rbd_fail(w, &err);
	forget(r);
	r->set = vss_strdup(vss_sdk_arg(w, "set"));
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		if (add_copy(r, w, i, &err) != 0)
			return rbd_fail(w, &err);
	return 0;
}

static int
on_prepare(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < r->shadows.n; i++)
		if (mark_set(&r->command, r->specs.v[i], r->shadows.v[i], r->snapshots.v[i], &err) != 0)
			return rbd_fail(w, &err);
	return 0;
}

static bool
is_first(const struct vss_strv *v, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(v->v[k], v->v[i]) == 0)
			return false;
	return true;
}

static int
on_commit(struct vss_sdk *w, void *self)
{
	const struct rbd *r = self;
	struct command quick = r->command;
	struct vss_err err = VSS_ERR_INIT;
	size_t groups = 0;

	quick.timeout_ms = COMMIT_MS;
	for (size_t i = 0; i < r->snapshots.n; i++) {
		if (!is_first(&r->snapshots, i))
			continue;
		if (snapshot_create(&quick, r->snapshots.v[i], &err) != 0)
			return rbd_fail(w, &err);
		groups++;
	}
	for (size_t i = 0; i < r->shadows.n; i++) {
		VSS_AUTOFREE char *locator = vss_strf("%s %s", r->snapshots.v[i], r->specs.v[i]);
		vss_sdk_copy(w, r->shadows.v[i], locator);
	}
	vss_sdk_answer(w, "instant", groups == 1 ? "one" : "many");
	return 0;
}

static int
on_final_commit(struct vss_sdk *w, void *self)
{
	(void)w;
	forget(self);
	return 0;
}

/* What another process began: its marks are on images that are mapped here. */
static int
find_set(struct rbd *r, const char *set, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv specs = VSS_STRV_INIT;
	VSS_AUTOFREE char *end = vss_strf("@vss-%s", set);

	forget(r);
	if (images_mapped(r->sysfs, &specs, err) != 0)
		return -1;
	for (size_t i = 0; i < specs.n; i++) {
		VSS_AUTOSTRV struct vss_strv marks = VSS_STRV_INIT;
		if (marks_of(&r->command, specs.v[i], &marks, err) != 0)
			return -1;
		for (size_t k = 0; k < marks.n; k += 2) {
			if (!vss_str_ends(marks.v[k + 1], end))
				continue;
			vss_strv_add(&r->shadows, marks.v[k]);
			vss_strv_add(&r->specs, specs.v[i]);
			vss_strv_add(&r->snapshots, marks.v[k + 1]);
		}
	}
	return 0;
}

static int
on_abort(struct vss_sdk *w, void *self)
{
	struct rbd *r = self;
	const char *set = vss_sdk_arg(w, "set") ? vss_sdk_arg(w, "set") : r->set;
	struct vss_err err = VSS_ERR_INIT;

	if (!set)
		return 0;
	if (!vss_str_eq(set, r->set) && find_set(r, set, &err) != 0)
		return rbd_fail(w, &err);
	if (undo(r, &err) != 0)
		return rbd_fail(w, &err);
	forget(r);
	return 0;
}

static const struct vss_sdk_handler handlers[] = {
	{ "hello", on_hello },
	{ "volume", on_volume },
	{ "check", on_check },
	{ "plan", on_plan },
	{ "begin", on_begin },
	{ "prepare", on_prepare },
	{ "commit", on_commit },
	{ "final-commit", on_final_commit },
	{ "abort", on_abort },
	{ "surface", rbd_surface },
	{ "unsurface", rbd_unsurface },
	{ "exists", rbd_exists },
	{ "delete", rbd_delete },
	{ "list", rbd_list },
	{ NULL, NULL },
};

static int
usage(void)
{
	fputs("usage: rbd [--rbd PROGRAM] [--sysfs DIR] [-- OPTION-OF-RBD...]\n", stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = { { "rbd", required_argument, NULL, 'r' },
		{ "sysfs", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 } };
	struct rbd r = { .sysfs = "/sys", .command = { .timeout_ms = COMMAND_MS } };
	const char *program = "/usr/bin/rbd";
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'r')
			program = optarg;
		else if (c == 's')
			r.sysfs = optarg;
		else
			return usage();
	}
	vss_strv_add(&r.command.words, program);
	for (; optind < argc; optind++)
		vss_strv_add(&r.command.words, argv[optind]);
	int status = vss_sdk_provide(handlers, &r);
	forget(&r);
	vss_strv_free(&r.command.words);
	return status;
}
