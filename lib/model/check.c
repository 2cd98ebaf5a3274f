/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "base/mem.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

static bool
is_empty(const char *s)
{
	return !s || !*s;
}

static int
breach(struct vss_err *err, const char *what)
{
	return vss_fail(err, VSS_INVALID, 0, "%s", what);
}

static int
check_identity(const struct vss_metadata *m, struct vss_err *err)
{
	if (vss_uuid_is_nil(&m->writer_id))
		return breach(err, "no writer id");
	if (is_empty(m->name))
		return breach(err, "no writer name");
	if (m->usage == VSS_UT_UNDEFINED)
		return breach(err, "no usage type");
	if (m->source == VSS_ST_UNDEFINED)
		return breach(err, "no source type");
	if (m->method == VSS_RME_UNDEFINED)
		return breach(err, "no restore method");
	if (m->writer_restore == VSS_WRE_UNDEFINED)
		return breach(err, "restore method: not said whether the writer takes part");
	bool stops = m->method == VSS_RME_STOP_RESTORE_START || m->method == VSS_RME_RESTORE_STOP_START;
	if (stops && is_empty(m->service))
		return breach(err, "restore method: names no service to stop");
	return 0;
}

static bool
has_logs(const struct vss_metadata *m)
{
	for (size_t i = 0; i < m->ncomponents; i++)
		for (size_t j = 0; j < m->components[i].nfiles; j++)
			if (m->components[i].files[j].kind == VSS_DATABASE_LOGS)
				return true;
	return false;
}

static int
check_schema(const struct vss_metadata *m, struct vss_err *err)
{
	const uint32_t both = VSS_BS_DIFFERENTIAL | VSS_BS_INCREMENTAL;
	uint32_t changes = m->schema & both;

	if ((m->schema & VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL) && changes != both)
		return breach(err, "backup schema: exclusive needs both incremental and differential");
	if ((m->schema & VSS_BS_TIMESTAMPED) && !changes)
		return breach(err, "backup schema: timestamped needs incremental or differential");
	if ((m->schema & VSS_BS_LAST_MODIFY) && !changes)
		return breach(err, "backup schema: last-modify needs incremental or differential");
	if ((m->schema & VSS_BS_LOG) && !has_logs(m))
		return breach(err, "backup schema: log needs a component with log files");
	return 0;
}

static int
check_path(const char *path, struct vss_err *err)
{
	if (is_empty(path) || path[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path", path ? path : "");
	if (strpbrk(path, "*?"))
		return vss_fail(err, VSS_INVALID, 0, "%s: wildcards belong into the file specification", path);
	return 0;
}

static int
check_fileset(const struct vss_fileset *f, struct vss_err *err)
{
	if (check_path(f->path, err) < 0)
		return -1;
	if (is_empty(f->spec))
		return vss_fail(err, VSS_INVALID, 0, "%s: no file specification", f->path);
	if (strcmp(f->spec, ".") == 0 || strcmp(f->spec, "..") == 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: file specification %s is no name", f->path, f->spec);
	if (strchr(f->spec, '/'))
		return vss_fail(err, VSS_INVALID, 0, "%s: file specification %s holds a directory", f->path, f->spec);
	return f->alternate ? check_path(f->alternate, err) : 0;
}

static int
check_filesets(const struct vss_fileset *f, size_t n, const char *what, struct vss_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (check_fileset(&f[i], err) < 0)
			return vss_wrap(err, "%s", what);
	return 0;
}

static int
check_component_files(const struct vss_component *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		const struct vss_fileset *f = &c->files[i];
		if (check_fileset(f, err) < 0)
			return -1;
		if ((f->kind == VSS_FILES) != (c->type == VSS_CT_FILEGROUP))
			return vss_fail(err, VSS_INVALID, 0, "%s: not the kind of files of a %s", f->path,
				vss_component_type_word(c->type));
		if (c->type == VSS_CT_DATABASE && (f->recursive || f->alternate))
			return vss_fail(err, VSS_INVALID, 0,
				"%s: files of a database are neither recursive nor alternate", f->path);
	}
	return 0;
}

static int
check_component(const struct vss_metadata *m, const struct vss_component *c, struct vss_err *err)
{
	if (is_empty(c->name))
		return breach(err, "has no name");
	if (strpbrk(c->name, "/\\"))
		return breach(err, "a separator in the name; it belongs into the logical path");
	if (c->type == VSS_CT_UNDEFINED)
		return breach(err, "neither database nor file group");
	for (size_t i = 0; i < c->ndeps; i++) {
		if (is_empty(c->deps[i].name))
			return breach(err, "a dependency without a component name");
		if (vss_uuid_eq(&c->deps[i].writer, &m->writer_id))
			return breach(err, "depends on its own writer");
	}
	return check_component_files(c, err);
}

static bool
is_of_a_component(const struct vss_metadata *m, const struct vss_fileset *f)
{
	for (size_t i = 0; i < m->ncomponents; i++)
		for (size_t j = 0; j < m->components[i].nfiles; j++)
			if (vss_fileset_same(&m->components[i].files[j], f))
				return true;
	return false;
}

static int
check_locations(const struct vss_metadata *m, struct vss_err *err)
{
	for (size_t i = 0; i < m->nlocations; i++) {
		const struct vss_alternate_location *l = &m->locations[i];
		if (check_fileset(&l->from, err) < 0 || check_path(l->to, err) < 0)
			return vss_wrap(err, "alternate location");
		if (!is_of_a_component(m, &l->from)) /* D15, R29 */
			return vss_fail(err, VSS_INVALID, 0,
				"alternate location: %s %s: not a file set of a component, with the same recursion",
				l->from.path, l->from.spec);
	}
	return 0;
}

int
vss_metadata_check(const struct vss_metadata *m, struct vss_err *err)
{
	if (check_identity(m, err) < 0 || check_schema(m, err) < 0)
		return -1;
	if (!m->ncomponents && !m->nexcludes && !m->nsnapshot_excludes)
		return breach(err, "no component");
	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];
		if (check_component(m, c, err) < 0) {
			VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
			return vss_wrap(err, "component %s", full);
		}
	}
	if (check_filesets(m->excludes, m->nexcludes, "exclude", err) < 0)
		return -1;
	if (check_filesets(m->snapshot_excludes, m->nsnapshot_excludes, "exclude from snapshot", err) < 0)
		return -1;
	return check_locations(m, err);
}

/* One file set among all of a writer's. */
struct place {
	const struct vss_component *c;
	const struct vss_fileset *f;
};

static void
tell_overlap(struct place a, struct place b, void (*found)(void *ctx, const char *text), void *ctx)
{
	VSS_AUTOFREE char *one = vss_logical_full(a.c->logical_path, a.c->name, '/');
	VSS_AUTOFREE char *other = vss_logical_full(b.c->logical_path, b.c->name, '/');
	VSS_AUTOFREE char *text = vss_strf("file sets overlap: %s %s of component %s, %s %s of component %s", a.f->path,
		a.f->spec, one, b.f->path, b.f->spec, other);

	found(ctx, text);
}

size_t
vss_metadata_overlaps(const struct vss_metadata *m, void (*found)(void *ctx, const char *text), void *ctx)
{
	struct place *v = NULL;
	size_t n = 0, cap = 0, overlaps = 0;

	for (size_t i = 0; i < m->ncomponents; i++)
		for (size_t j = 0; j < m->components[i].nfiles; j++)
			VSS_PUSH(v, n, cap) = (struct place){ &m->components[i], &m->components[i].files[j] };
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (vss_fileset_overlaps(v[i].f, v[j].f)) {
				tell_overlap(v[i], v[j], found, ctx);
				overlaps++;
			}
	free(v);
	return overlaps;
}
