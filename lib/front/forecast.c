/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/forecast.h"

#include "base/mem.h"
#include "base/num.h"
#include "cli/out.h"
#include "front/report.h"

#include <inttypes.h>

/* Else an existing set is told of, of which more is known. */
static bool
is_new(const struct vss_forecast *f)
{
	return vss_uuid_is_nil(&f->from_set);
}

static void
print_head(const struct vss_forecast *f)
{
	char id[VSS_UUID_BRACED];

	vss_uuid_braced(&f->from_set, id);
	if (!is_new(f))
		vss_out("Would archive shadow copy set %s:\n", id);
	else
		vss_out("Would make a set of %zu shadow cop%s:\n", f->nvolumes, f->nvolumes == 1 ? "y" : "ies");
	for (size_t i = 0; i < f->paths.n; i++) {
		VSS_AUTOFREE char *path = vss_out_name(f->paths.v[i]);
		vss_out("   Path: '%s'\n", path);
	}
}

/* The volumes of one group, named by the first of them. */
static void
print_group(const struct vss_forecast *f, size_t first)
{
	VSS_AUTOBUF struct vss_buf names = VSS_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < f->nvolumes; i++) {
		if (f->volumes[i].group != f->volumes[first].group)
			continue;
		if (i < first)
			return;
		VSS_AUTOFREE char *name = vss_out_name(f->volumes[i].volume);
		vss_buf_fmt(&names, "%s'%s'", n++ ? ", " : "", name);
	}
	if (n > 1)
		vss_out("   One instant: %s\n", names.data);
}

static void
print_volumes(const struct vss_forecast *f)
{
	for (size_t i = 0; i < f->nvolumes; i++) {
		const struct vss_forecast_volume *v = &f->volumes[i];
		VSS_AUTOFREE char *volume = vss_out_name(v->volume);
		vss_out("   %s: provider %s, %s%s\n", volume, v->provider, vss_grade_word(v->grade),
			v->held ? ", writes held" : "");
	}
	for (size_t i = 0; i < f->nvolumes; i++)
		print_group(f, i);
}

static void
print_component(const struct vss_forecast *f, const struct vss_forecast_component *c)
{
	VSS_AUTOBUF struct vss_buf on = VSS_BUF_INIT;
	VSS_AUTOFREE char *path = vss_out_name(c->path);
	VSS_AUTOFREE char *by = vss_out_name(c->brought_by);

	for (size_t i = 0; i < f->nvolumes; i++) {
		if (!c->on[i])
			continue;
		VSS_AUTOFREE char *name = vss_out_name(f->volumes[i].volume);
		vss_buf_fmt(&on, "%s'%s'", on.len ? ", " : ", on ", name);
	}
	if (c->brought_by)
		vss_out("      Component: %s, with %s%s\n", path, by, on.data ? on.data : "");
	else
		vss_out("      Component: %s, %s%s (%s)%s\n", path, is_new(f) ? "at best " : "",
			vss_grade_word(c->best), vss_front_instant_text(c->instant), on.data ? on.data : "");
	if (c->outside) {
		VSS_AUTOFREE char *dir = vss_out_name(c->outside);
		vss_out("         '%s' lies on no volume of the set\n", dir);
	}
}

static void
print_writers(const struct vss_forecast *f)
{
	for (size_t i = 0; i < f->nwriters; i++) {
		const struct vss_forecast_writer *w = &f->writers[i];
		VSS_AUTOFREE char *name = vss_out_name(w->name);
		vss_out("   Writer: '%s'%s\n", name, is_new(f) ? ", its grade is known when it has frozen" : "");
		for (size_t k = 0; k < w->ncomponents; k++)
			print_component(f, &w->components[k]);
	}
}

/* Compression is not known beforehand, so what comes of it is at most this. */
static void
print_room(const char *what, const char *dir, uint64_t most, uint64_t free)
{
	char need[32], room[32];
	VSS_AUTOFREE char *name = vss_out_name(dir);

	vss_format_size(need, most);
	vss_format_size(room, free);
	if (dir)
		vss_out("   %s: at most %s in '%s', where %s are free\n", what, need, name, room);
	else
		vss_out("   %s: at most %s\n", what, need);
}

static void
print_base(const struct vss_forecast *f)
{
	VSS_AUTOFREE char *base = vss_out_name(f->base);

	if (f->base)
		vss_out("   Would build on '%s'\n", base);
}

static void
print_plain(const struct vss_forecast *f)
{
	bool any = false;

	for (size_t i = 0; i < f->nvolumes; i++)
		any |= f->volumes[i].plain;
	if (any)
		vss_out("   Plain files: %s (%s)\n", vss_grade_word(f->grade), vss_front_instant_text(f->instant));
}

static void
print_counts(const struct vss_forecast *f)
{
	char bytes[32];

	vss_format_size(bytes, f->bytes);
	if (f->counted == VSS_COUNTED_PART)
		vss_out("   Files: more than %" PRIu64 " (%s), counting was ended\n", f->files, bytes);
	if (f->counted == VSS_COUNTED_WHOLE)
		vss_out("   Files: %s%" PRIu64 " (%s)\n", is_new(f) ? "about " : "", f->files, bytes);
	if (f->counted == VSS_COUNTED_WHOLE)
		print_room("Archive", f->archive_dir, f->archive_most, f->archive_free);
	if (f->storage_dir)
		print_room("Storage", f->storage_dir, f->storage_most, f->storage_free);
}

void
vss_front_forecast(const struct vss_forecast *f)
{
	print_head(f);
	print_volumes(f);
	print_base(f);
	print_writers(f);
	print_plain(f);
	print_counts(f);
	if (!is_new(f))
		return;
	if (f->nfreezes)
		vss_out("   Time frozen: about %.3f ms, by the last %zu set%s\n", (double)f->freeze_us / 1000,
			f->nfreezes, f->nfreezes == 1 ? "" : "s");
	else
		vss_out("   Time frozen: not known yet\n");
}
