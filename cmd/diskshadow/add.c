/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "copies/copies.h"
#include "front/word.h"
#include "provider/provider.h"

#include <stdlib.h>

static void
print_volume(const struct shell_volume *v)
{
	VSS_AUTOFREE char *mount = vss_out_name(v->volume->mount);

	vss_out("Volume %s", mount);
	if (v->alias)
		vss_out(" alias %s", v->alias);
	if (v->provider)
		vss_out(" provider %s", v->provider);
	vss_out("    GUID \\\\?\\Volume{%s}\\\n", v->volume->id);
}

static void
print_alias(const struct vss_alias *a)
{
	VSS_AUTOFREE char *value = shell_shown(a->value);
	vss_out("   %%%s%% = %s\n", a->name, value);
}

int
verb_add(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args, (void)err;
	for (size_t i = 0; i < sh->nvolumes; i++)
		print_volume(&sh->volumes[i]);
	vss_out("%zu volume%s in Shadow Copy Set.\n", sh->nvolumes, sh->nvolumes == 1 ? "" : "s");
	if (!sh->aliases.n)
		vss_out("No Diskshadow aliases in the environment.\n");
	else
		vss_out("%zu Diskshadow alias%s in the environment:\n", sh->aliases.n, sh->aliases.n == 1 ? "" : "es");
	for (size_t i = 0; i < sh->aliases.n; i++)
		print_alias(&sh->aliases.v[i]);
	return 0;
}

/* What is said behind the volume: ALIAS and PROVIDER, each once, in either order. */
struct wish {
	const char *volume, *alias, *provider;
};

static int
read_wish(const struct vss_strv *args, struct wish *w, struct vss_err *err)
{
	*w = (struct wish){ .volume = args->v[0] };
	for (size_t i = 1; i < args->n; i += 2) {
		const char *word = args->v[i], **to = NULL;
		if (vss_str_caseeq(word, "ALIAS"))
			to = &w->alias;
		else if (vss_str_caseeq(word, "PROVIDER"))
			to = &w->provider;
		if (!to)
			return vss_fail(err, VSS_USAGE, 0, "'%s': behind a volume stand ALIAS and PROVIDER", word);
		if (*to)
			return vss_fail(err, VSS_USAGE, 0, "%s: is said twice", word);
		if (i + 1 == args->n)
			return vss_fail(err, VSS_USAGE, 0, "%s: needs a word behind it", word);
		*to = args->v[i + 1];
	}
	return 0;
}

static int
check_alias(const struct shell *sh, const char *alias, struct vss_err *err)
{
	if (vss_alias_check(alias, err) < 0)
		return -1;
	if (vss_str_caseeq(alias, "VSS_SHADOW_SET"))
		return vss_fail(err, VSS_USAGE, 0, "alias '%s': is the name of the whole set", alias);
	for (size_t i = 0; i < sh->nvolumes; i++)
		if (vss_str_caseeq(sh->volumes[i].alias, alias))
			return vss_fail(err, VSS_EXISTS, 0, "alias '%s': is that of %s already", alias,
				sh->volumes[i].volume->mount);
	return 0;
}

static int
check_volume(const struct shell *sh, const struct vss_volume *v, struct vss_err *err)
{
	for (size_t i = 0; i < sh->nvolumes; i++)
		if (vss_str_eq(sh->volumes[i].volume->id, v->id))
			return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "%s: was added already", v->mount);
	return 0;
}

/* The name of the provider that was asked for, which must take the volume; when none was, one must. */
static int
check_provider(const struct vss_volume *v, const char *wish, const char **name, struct vss_err *err)
{
	const struct vss_provider_ops *p = vss_provider_for(v, wish, err);

	if (!p)
		return -1;
	*name = wish ? p->name : NULL;
	return 0;
}

static int
add_volume(struct shell *sh, const struct wish *w, struct vss_volume *v, struct vss_err *err)
{
	const char *provider;

	if (check_volume(sh, v, err) < 0 || check_provider(v, w->provider, &provider, err) < 0)
		return -1;
	VSS_PUSH(sh->volumes, sh->nvolumes, sh->cvolumes) =
		(struct shell_volume){ vss_strdup(w->volume), v, vss_strdup(w->alias), vss_strdup(provider) };
	return 0;
}

int
verb_add_volume(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct wish w;

	if (read_wish(args, &w, err) < 0 || shell_before_create(sh, err) < 0 || vss_front_no_drive(w.volume, err) < 0 ||
		(w.alias && check_alias(sh, w.alias, err) < 0))
		return -1;
	struct vss_volume *v = vss_volume_named(w.volume, err);
	if (!v)
		return -1;
	if (add_volume(sh, &w, v, err) == 0)
		return 0;
	vss_volume_free(v);
	return -1;
}

int
verb_add_alias(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	return vss_aliases_set(&sh->aliases, args->v[0], args->v[1], err);
}

int
verb_add_shadow(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct vss_set_list all = { 0 };
	struct vss_set *set;
	char id[VSS_UUID_BRACED];
	size_t at;

	if (vss_copies_list(&all, err) < 0)
		return -1;
	int found = vss_copies_find_shadow(&all, args->v[0], &set, &at, err);
	if (found == 0)
		vss_uuid_braced(&set->shadows[at].id, id);
	vss_set_list_free(&all);
	if (found < 0)
		return -1;
	if (vss_strv_has(&sh->resync, id))
		return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "%s: was added already", id);
	vss_strv_add(&sh->resync, id);
	return 0;
}
