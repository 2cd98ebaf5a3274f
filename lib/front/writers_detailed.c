/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/writers.h"

#include "base/mem.h"
#include "front/volumes.h"
#include "model/metadata.h"
#include "os/volume.h"

static const char *
truth(bool yes)
{
	return yes ? "TRUE" : "FALSE";
}

/* Paths of Windows have separators that would be escaped everywhere else. */
static char *
out_path(const char *path)
{
	return path && *path != '/' ? vss_out_sentence(path) : vss_out_name(path);
}

static void
print_fileset(const char *what, const struct vss_fileset *f)
{
	static const char *const kinds[] = {
		[VSS_FILES] = "",
		[VSS_DATABASE_FILES] = ", Database",
		[VSS_DATABASE_LOGS] = ", Database log",
	};
	VSS_AUTOFREE char *path = out_path(f->path);
	VSS_AUTOFREE char *spec = vss_out_name(f->spec);
	VSS_AUTOFREE char *other = out_path(f->alternate);
	vss_out("- %s: Path = %s, Filespec = %s%s%s%s%s\n", what, path, spec, f->recursive ? ", Recursive" : "",
		f->alternate ? ", Alternate Location = " : "", other, kinds[f->kind]);
}

/* Logical paths are shown as VSS has them, with backslashes and without one in front. */
static char *
logical(const char *path)
{
	VSS_AUTOFREE char *shown = vss_strdup(path ? path : "");
	for (char *c = shown; *c; c++)
		if (*c == '/')
			*c = '\\';
	return vss_strdup(*shown == '\\' ? shown + 1 : shown);
}

static const char *
type_word(enum vss_component_type t)
{
	if (t == VSS_CT_DATABASE)
		return "DATABASE";
	return t == VSS_CT_FILEGROUP ? "FILEGROUP" : "UNDEFINED";
}

static bool
is_top_level(const struct vss_metadata *m, const struct vss_component *c)
{
	for (size_t i = 0; i < m->ncomponents; i++)
		if (&m->components[i] != c && vss_component_is_ancestor(&m->components[i], c))
			return false;
	return true;
}

static void
print_paths(const struct vss_component *c)
{
	VSS_AUTOSTRV struct vss_strv seen = VSS_STRV_INIT;
	vss_out("      - Paths affected by this component:\n");
	for (size_t i = 0; i < c->nfiles; i++) {
		VSS_AUTOFREE char *path = out_path(c->files[i].path);
		if (vss_strv_has(&seen, c->files[i].path))
			continue;
		vss_strv_add(&seen, c->files[i].path);
		vss_out("        - %s\n", path);
	}
}

static void
print_volumes(const struct vss_component *c)
{
	VSS_AUTOSTRV struct vss_strv seen = VSS_STRV_INIT;
	vss_out("      - Volumes affected by this component:\n");
	for (size_t i = 0; i < c->nfiles; i++) {
		struct vss_err not_here = VSS_ERR_INIT; /* a stored document may be of another machine */
		struct vss_volume *v = vss_volume_of(c->files[i].path, &not_here);
		if (v && !vss_strv_has(&seen, v->id)) {
			VSS_AUTOFREE char *name = vss_front_volume_name(v->id);
			VSS_AUTOFREE char *mount = vss_out_name(v->mount);
			vss_strv_add(&seen, v->id);
			vss_out("        - %s [%s]\n", name, mount);
		}
		vss_volume_free(v);
	}
}

static void
print_dependencies(const struct vss_component *c)
{
	vss_out("      - Component Dependencies:\n");
	for (size_t i = 0; i < c->ndeps; i++) {
		char id[VSS_UUID_BRACED];
		VSS_AUTOFREE char *path = logical(c->deps[i].logical_path);
		VSS_AUTOFREE char *shown_path = vss_out_name(path);
		VSS_AUTOFREE char *name = vss_out_name(c->deps[i].name);
		vss_uuid_braced(&c->deps[i].writer, id);
		vss_out("        - Dependency to \"%s:%s%s\\%s\"\n", id, *shown_path ? "\\" : "", shown_path, name);
	}
}

static void
print_file_lists(const struct vss_component *c)
{
	vss_out("      - Components:\n");
	for (size_t i = 0; i < c->nfiles; i++) {
		vss_out("        ");
		print_fileset("File List", &c->files[i]);
	}
}

static void
print_component(const struct vss_metadata *m, const struct vss_component *c, bool files)
{
	VSS_AUTOFREE char *path = logical(c->logical_path);
	VSS_AUTOFREE char *name = vss_out_name(c->name);
	VSS_AUTOFREE char *writer = vss_out_name(m->name);
	VSS_AUTOFREE char *caption = vss_out_name(c->caption);
	VSS_AUTOFREE char *full = vss_strf("%s%s\\%s", *path ? "\\" : "", path, name);
	vss_out("    + Component \"%s:%s\"\n      - Name: %s\n      - Logical path: %s\n      - Full path: %s\n",
		writer, full, name, path, full);
	vss_out("      - Caption: %s\n      - Type: VSS_CT_%s [%d]\n", caption, type_word(c->type), (int)c->type);
	vss_out("      - Is selectable: %s\n      - Is top level: %s\n", truth(c->selectable),
		truth(is_top_level(m, c)));
	vss_out("      - Notify on backup complete: %s\n", truth(c->notify));
	if (files)
		print_file_lists(c);
	print_paths(c);
	print_volumes(c);
	print_dependencies(c);
}

static void
print_locations(const struct vss_metadata *m)
{
	if (m->nlocations)
		vss_out("    - Alternate locations for the restore:\n");
	for (size_t i = 0; i < m->nlocations; i++) {
		const struct vss_fileset *f = &m->locations[i].from;
		VSS_AUTOFREE char *path = out_path(f->path);
		VSS_AUTOFREE char *spec = vss_out_name(f->spec);
		VSS_AUTOFREE char *to = out_path(m->locations[i].to);
		vss_out("      - Mapping: Path = %s, Filespec = %s%s, Alternate Location = %s\n", path, spec,
			f->recursive ? ", Recursive" : "", to);
	}
}

static void
print_excludes(const struct vss_metadata *m)
{
	vss_out("    - Excluded files:\n");
	for (size_t i = 0; i < m->nexcludes; i++) {
		vss_out("      ");
		print_fileset("Exclude", &m->excludes[i]);
	}
	for (size_t i = 0; i < m->nsnapshot_excludes; i++) {
		vss_out("      ");
		print_fileset("Exclude from the copy", &m->snapshot_excludes[i]);
	}
}

static void
print_writer(const struct vss_metadata *m, bool files)
{
	char id[VSS_UUID_BRACED], instance[VSS_UUID_BRACED];
	VSS_AUTOFREE char *name = vss_out_name(m->name);
	VSS_AUTOFREE char *service = vss_out_name(m->service);
	vss_uuid_braced(&m->writer_id, id);
	vss_uuid_braced(&m->instance_id, instance);
	vss_out("* WRITER \"%s\"\n\t\t- Writer ID   = %s\n\t\t- Writer Instance ID = %s\n", name, id, instance);
	vss_out("\t\t- Supports restore events = %s\n\t\t- Writer restore conditions = %s\n\t\t- Restore method = %s\n",
		truth(m->writer_restore != VSS_WRE_NEVER && m->writer_restore != VSS_WRE_UNDEFINED),
		vss_writer_restore_name(m->writer_restore), vss_restore_method_name(m->method));
	if (m->service)
		vss_out("\t\t- Service to stop for the restore = %s\n", service);
	vss_out("\t\t- Requires reboot after restore = %s\n", truth(m->reboot));
	print_excludes(m);
	print_locations(m);
	for (size_t i = 0; i < m->ncomponents; i++)
		print_component(m, &m->components[i], files);
}

/* Absent, or failed at identify: all that is known is how it is. */
static void
print_without_metadata(const struct vss_writer_report *r)
{
	VSS_AUTOFREE char *name = vss_out_name(r->registration);
	VSS_AUTOFREE char *why = vss_out_name(r->absent ? r->absent : r->message);

	vss_out("* WRITER \"%s\"\n", name);
	vss_front_writer_status(r, "\t\t");
	if (*why)
		vss_out("\t\t- %s: %s\n", r->absent ? "Absent" : "Reason", why);
}

void
vss_front_writers_detailed(const struct vss_writer_reports *reports, bool files)
{
	for (size_t i = 0; i < reports->n; i++) {
		const struct vss_writer_report *r = &reports->v[i];
		if (r->metadata)
			print_writer(r->metadata, files);
		else
			print_without_metadata(r);
		vss_out("\n");
	}
	vss_out("%zu writer%s listed.\n", reports->n, reports->n == 1 ? "" : "s");
}
