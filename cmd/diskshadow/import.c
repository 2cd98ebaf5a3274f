/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "front/diskshadow.h"
#include "front/import.h"

/* Nothing, or TO and a directory. */
static int
read_words(const struct vss_strv *args, char **to, struct vss_err *err)
{
	if (!args->n)
		return 0;
	if (args->n != 2 || !vss_str_caseeq(args->v[0], "TO"))
		return vss_fail(err, VSS_USAGE, 0, "IMPORT: behind it stands TO and a directory, or nothing");
	*to = shell_path(args->v[1], err);
	return *to ? 0 : -1;
}

static void
name_copies(struct shell *sh, const struct vss_set *set)
{
	struct vss_err never = VSS_ERR_INIT;
	char id[VSS_UUID_BRACED];

	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_AUTOFREE char *name = vss_strf("Import_%zu", i + 1);
		vss_uuid_braced(&set->shadows[i].id, id);
		(void)vss_aliases_set(&sh->aliases, name, id, &never);
		vss_out("Alias %s for shadow ID %s set as environment variable.\n", name, id);
	}
}

int
verb_import(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct vss_front_aliases aliases = { shell_alias_of, sh };
	VSS_AUTOFREE char *to = NULL;
	struct vss_set *set = NULL;

	if (!sh->loaded)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "IMPORT: no metadata was loaded (LOAD METADATA)");
	if (read_words(args, &to, err) < 0 || vss_front_import_metadata(sh->loaded, to, &set, err) < 0)
		return -1;
	name_copies(sh, set);
	vss_front_diskshadow_set(set, &aliases);
	vss_set_free(set);
	return 0;
}
