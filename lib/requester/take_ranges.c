/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take_kept.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/ranges.h"
#include "os/durable.h"
#include "requester/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A count, and an offset and a length for each. */
#define RANGES_FILE_LIMIT (8 + 16 * (size_t)VSS_RANGES_MAX)

/* --- files that writers name by their original path, wherever the copy has them --- */

/* The directory of `path` in the copy of its volume, or in its writer's own scratch; its last element is *base. */
static int
open_above(struct vss_taking *t, const struct vss_writer *w, const char *path, const char **base, struct vss_err *err)
{
	const struct vss_plan *plan = t->take->plan;
	VSS_AUTOFREE char *scratch = vss_writer_within_scratch(w, path);
	const struct vss_plan_place *at = scratch ? NULL : vss_plan_place_of(plan, path);
	VSS_AUTOFREE char *inner = at ? vss_plan_inner(plan, at, path) : NULL;

	if (!scratch && !inner)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "lies on a volume that is not copied");
	VSS_AUTOCLOSE int top = scratch ? open(w->scratch, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
					: vss_take_open_copy(t->take, at, err);
	if (top < 0)
		return scratch ? vss_fail(err, VSS_SYSTEM, errno, "%s", w->scratch) : -1;
	int fd = vss_take_open_above(top, scratch ? scratch : inner, base, err);
	if (fd >= 0)
		*base = vss_path_base(path);
	return fd;
}

static const struct vss_choice_component *
component_of(const struct vss_taking *t, size_t k)
{
	return &t->take->plan->choice.components[k];
}

/* --- ranges files --- */

static int
take_ranges_file(struct vss_taking *t, const struct vss_choice_component *c, const char *path, struct vss_err *err)
{
	static const struct vss_increment_answer whole = { .take = VSS_FILE_WHOLE, .always = true };
	struct vss_err why = VSS_ERR_INIT;
	const char *base = NULL;
	struct stat st;
	VSS_AUTOCLOSE int dirfd = open_above(t, c->writer, path, &base, &why);

	if (dirfd >= 0 && fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		vss_fail(&why, VSS_SYSTEM, errno, "look at it");
	else if (dirfd >= 0 && !S_ISREG(st.st_mode))
		vss_fail(&why, VSS_INVALID, 0, "not a file");
	if (why.code == VSS_OK)
		return vss_take_as(t, &(struct vss_take_entry){ dirfd, base, path, &st, NULL }, &whole, err);
	vss_take_failed(t->take, path, S_IFREG, why.text);
	return 1;
}

static int
take_ranges_files_of(
	struct vss_taking *t, struct vss_choice_component *c, const struct vss_bcd_component *said, struct vss_err *err)
{
	struct vss_strv *first = &t->take->increment->first;

	for (size_t i = 0; i < said->npartials; i++) {
		const char *file = said->partials[i].ranges ? vss_ranges_file(said->partials[i].ranges) : NULL;
		VSS_AUTOFREE char *path = file ? vss_choice_real_path(file) : NULL;
		if (!path || vss_strv_has(first, path))
			continue;
		vss_strv_add(first, path);
		int rc = t->take->archive ? take_ranges_file(t, c, path, err) : 0;
		if (rc < 0)
			return -1;
		c->failed |= rc == 1;
	}
	return 0;
}

int
vss_take_ranges_files(struct vss_taking *t, struct vss_err *err)
{
	struct vss_increment *i = t->take->increment;

	if (!i)
		return 0;
	vss_strv_free(&i->first);
	for (size_t k = 0; k < i->nparts; k++) {
		struct vss_choice_component *c = &t->take->plan->choice.components[k];
		const struct vss_bcd_component *said = c->owner == k ? i->parts[k].stored : NULL;
		if (said && take_ranges_files_of(t, c, said, err) < 0)
			return -1;
	}
	vss_strv_sort(&i->first);
	return 0;
}

static int
read_ranges_file(struct vss_taking *t, const struct vss_choice_component *c, const char *file, struct vss_ranges *out,
	struct vss_err *why)
{
	VSS_AUTOFREE char *path = vss_choice_real_path(file);
	VSS_AUTOBUF struct vss_buf data = VSS_BUF_INIT;
	const char *base = NULL;
	VSS_AUTOCLOSE int dirfd = open_above(t, c->writer, path, &base, why);

	if (dirfd < 0 || vss_read_file_at(dirfd, base, RANGES_FILE_LIMIT, &data, why) < 0 ||
		vss_ranges_read(data.data, data.len, out, why) < 0)
		return vss_wrap(why, "ranges file %s", path);
	return 0;
}

/* --- ranges --- */

static int
read_ranges(struct vss_taking *t, const struct vss_taking_entry *x, struct vss_ranges *out, struct vss_err *why)
{
	const char *text = x->answer->partial->ranges ? x->answer->partial->ranges : "";
	const char *file = vss_ranges_file(text);
	int rc = file ? read_ranges_file(t, component_of(t, x->answer->component), file, out, why)
		      : vss_ranges_parse(text, out, why);

	if (rc < 0)
		return -1;
	vss_ranges_normalise(out);
	const struct vss_range *last = out->n ? &out->v[out->n - 1] : NULL;
	if (last && last->at + last->len > x->m.size)
		return vss_fail(why, VSS_INVALID, 0, "a range ends at %llu, behind the end of the file",
			(unsigned long long)(last->at + last->len));
	return 0;
}

/* The member is these pieces of the file and nothing else. */
static void
set_ranges(struct vss_taking_entry *x, const struct vss_ranges *r)
{
	x->map.v = vss_alloc((r->n + 1) * sizeof *x->map.v);
	for (size_t i = 0; i < r->n; i++)
		x->map.v[i] = (struct vss_extent){ r->v[i].at, r->v[i].len };
	x->map.n = r->n;
	vss_member_set_map(&x->m, &x->map);
	x->mapped = x->m.partial = x->m.sparse = true;
}

static int
put_ranges(struct vss_taking *t, struct vss_taking_entry *x, struct vss_err *err)
{
	struct vss_take_reading r = { .sink = vss_take_put, .ctx = t, .why = VSS_ERR_INIT };
	int rc = vss_take_begin(t, x, err);

	if (rc != 0)
		return rc;
	rc = vss_take_read(t, x->fd, &x->map, &r, err);
	if (rc < 0 || vss_archive_end_member(t->take->archive, rc == 1, err) < 0)
		return -1;
	if (rc == 1)
		vss_take_failed(t->take, x->entry->path, S_IFREG, r.why.text);
	return 0;
}

/* The rest is where the base has it; ranges of archives between go over that before these do. */
static int
put_rest(struct vss_taking *t, struct vss_taking_entry *x, const struct vss_archive_node *base, struct vss_err *err)
{
	struct vss_take *take = t->take;

	if (vss_archive_put_unchanged(take->archive, &x->m, vss_increment_in(take->increment, base), err) < 0)
		return -1;
	return vss_take_progress(take, 0, err) < 0 ? -1 : 1;
}

int
vss_take_ranges(
	struct vss_taking *t, struct vss_taking_entry *x, const struct vss_archive_node *base, struct vss_err *err)
{
	struct vss_ranges ranges = { 0 };
	struct vss_err why = VSS_ERR_INIT;

	/* what is no plain file of one name on both sides has nothing that ranges could be laid over */
	if (!S_ISREG(x->m.mode) || !S_ISREG(base->mode) || base->is_hardlink || x->entry->st->st_nlink > 1)
		return 0;
	if (read_ranges(t, x, &ranges, &why) < 0) {
		vss_take_failed(t->take, x->entry->path, S_IFREG, why.text);
		vss_ranges_clear(&ranges);
		return 0; /* as a whole it can at least be had */
	}
	set_ranges(x, &ranges);
	vss_ranges_clear(&ranges);
	int rc = put_ranges(t, x, err);
	return rc == 0 ? put_rest(t, x, base, err) : rc;
}
