/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"

/* They go into the environment of programs, which obey more names than anybody knows: of a stranger they may be IDs. */
static int
check_alias(const struct vss_metadata_file *f, const char *name, const char *value, struct vss_err *err)
{
	struct vss_uuid id;

	if (vss_alias_check(name, err) < 0)
		err->code = VSS_INVALID;
	else if (!f->trusted && vss_uuid_parse(value, &id) < 0)
		vss_fail(err, VSS_DENIED, 0, "alias %s: its value is no ID, and others can write this file", name);
	else
		return 0;
	return vss_wrap(err, "%s", f->path);
}

/* One that a shell would not take spoils the file before anything is done. */
static int
check_aliases(const struct vss_metadata_file *f, struct vss_err *err)
{
	for (size_t i = 0; i < f->alias_names.n; i++)
		if (check_alias(f, f->alias_names.v[i], f->alias_values.v[i], err) < 0)
			return -1;
	return 0;
}

static const char *
kind_of(const struct vss_metadata_file *f, const char *value)
{
	struct vss_uuid id;

	if (vss_uuid_parse(value, &id) < 0)
		return "value";
	return vss_uuid_eq(&id, &f->set_id) ? "shadow set ID" : "shadow ID";
}

static void
bring_back(struct shell *sh, const struct vss_metadata_file *f)
{
	struct vss_err never = VSS_ERR_INIT; /* they were checked */

	for (size_t i = 0; i < f->alias_names.n; i++) {
		const char *name = f->alias_names.v[i], *value = f->alias_values.v[i];
		VSS_AUTOFREE char *shown = shell_shown(value);
		(void)vss_aliases_set(&sh->aliases, name, value, &never);
		vss_out("Alias %s for %s %s set as environment variable.\n", name, kind_of(f, value), shown);
	}
}

int
verb_load_metadata(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	if (sh->restore)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "LOAD METADATA: a restore was begun (END RESTORE)");
	VSS_AUTOFREE char *path = shell_path(args->v[0], err);
	struct vss_metadata_file *f = path ? vss_metadata_file_read(path, err) : NULL;
	if (!f)
		return -1;
	if (check_aliases(f, err) < 0) {
		vss_metadata_file_free(f);
		return -1;
	}
	bring_back(sh, f);
	vss_metadata_file_free(sh->loaded);
	sh->loaded = f;
	return 0;
}
