/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_writers.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/decide.h"
#include "model/logical.h"
#include "requester/choice.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/*
 * Files of writers replace what is there without asking, go to alternate locations and stop services, all by the word of documents
 * in the archive.  Of an archive that anybody could have made this is believed only as far as the writer that runs here
 * says the same.
 */

static int __attribute__((format(printf, 3, 4)))
refuse(const struct vss_returning *r, struct vss_err *err, const char *fmt, ...)
{
	VSS_AUTOFREE char *full = vss_logical_full(r->component->logical_path, r->component->name, '/');
	VSS_AUTOBUF struct vss_buf why = VSS_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	vss_buf_vfmt(&why, fmt, ap);
	va_end(ap);
	VSS_AUTOFREE char *shown = vss_escaped(why.data);
	return vss_fail(err, VSS_DENIED, 0,
		"writer \"%s\": component %s: the archive is not this machine's own, and %s: with --trusted it is "
		"believed",
		r->writer->name, full, shown);
}

static bool
takes_all(const char *spec)
{
	return strcmp(spec, "*") == 0 || strcmp(spec, "*.*") == 0;
}

/* Is all that `f` can name among the files of `known`? */
static bool
covers(const struct vss_fileset *known, const struct vss_fileset *f)
{
	VSS_AUTOFREE char *dir = vss_choice_real_path(known->path);

	if (!takes_all(known->spec) && strcmp(known->spec, f->spec) != 0)
		return false;
	return known->recursive ? vss_path_is_below(f->path, dir) : !f->recursive && strcmp(f->path, dir) == 0;
}

static bool
is_known(const struct vss_metadata *here, const struct vss_fileset *f)
{
	for (size_t i = 0; i < here->ncomponents; i++)
		for (size_t k = 0; k < here->components[i].nfiles; k++)
			if (covers(&here->components[i].files[k], f))
				return true;
	return false;
}

static int
check_files(const struct vss_returning *r, const struct vss_metadata *here, const struct vss_wanted_files *f,
	struct vss_err *err)
{
	if (f->moved) /* there the user's word counts */
		return 0;
	if (!is_known(here, &f->files))
		return refuse(r, err, "its writer here knows nothing of %s in %s", f->files.spec, f->files.path);
	const char *to = vss_alternate_of(here, &f->as_given);
	VSS_AUTOFREE char *own = to ? vss_choice_real_path(to) : NULL;
	if (f->alternate && !vss_str_eq(f->alternate, own))
		return refuse(r, err, "its writer here does not name %s as another place for %s", f->alternate,
			f->files.path);
	return 0;
}

static int
check_method(const struct vss_returning *r, const struct vss_metadata *here, struct vss_err *err)
{
	const struct vss_metadata *stored = r->metadata;

	if (stored->method != here->method)
		return refuse(r, err, "its restore method is %s, that of its writer here %s",
			vss_restore_method_name(stored->method), vss_restore_method_name(here->method));
	if (stored->service && !vss_str_eq(stored->service, here->service))
		return refuse(r, err, "its writer here does not name the service %s", stored->service);
	return 0;
}

int
vss_comeback_trust(const struct vss_comeback *c, const struct vss_wanted *wanted, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		const struct vss_metadata *here =
			r->chosen && r->present ? vss_comeback_running(c->session, r->writer) : NULL;
		if (here && check_method(r, here, err) < 0)
			return -1;
	}
	for (size_t k = 0; k < wanted->nfiles; k++) {
		const struct vss_wanted_files *f = &wanted->files[k];
		const struct vss_returning *r = f->component == SIZE_MAX ? NULL : &c->v[f->component];
		const struct vss_metadata *here =
			r && r->chosen && r->present ? vss_comeback_running(c->session, r->writer) : NULL;
		if (here && check_files(r, here, f, err) < 0)
			return -1;
	}
	return 0;
}
