/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/alias.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 255 };

void
vss_aliases_free(struct vss_aliases *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].name);
		free(a->v[i].value);
	}
	free(a->v);
	*a = (struct vss_aliases)VSS_ALIASES_INIT;
}

/* What the loader, shells and interpreters obey.  An environment tells upper case from lower. */
static bool
is_obeyed(const char *name)
{
	static const char *const whole[] = { "PATH", "IFS", "ENV", "SHELLOPTS", "PS4", "GCONV_PATH", "PERL5LIB",
		"PERLLIB", "PERL5OPT", "PERL5DB", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "RUBYLIB", "RUBYOPT",
		"NODE_OPTIONS", "NODE_PATH", "JAVA_TOOL_OPTIONS" };

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (strcmp(name, whole[i]) == 0)
			return true;
	return vss_str_starts(name, "LD_") || vss_str_starts(name, "BASH");
}

int
vss_alias_check(const char *name, struct vss_err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
	size_t len = strlen(name);

	if (!len || len > NAME_MAX_BYTES || strspn(name, allowed) != len)
		return vss_fail(err, VSS_USAGE, 0, "alias '%s': a name has letters, digits and _ - . (at most %d)",
			name, NAME_MAX_BYTES);
	if (is_obeyed(name))
		return vss_fail(err, VSS_USAGE, 0, "alias '%s': programs would obey it", name);
	return 0;
}

static struct vss_alias *
find(const struct vss_aliases *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (vss_str_caseeq(a->v[i].name, name))
			return &a->v[i];
	return NULL;
}

int
vss_aliases_set(struct vss_aliases *a, const char *name, const char *value, struct vss_err *err)
{
	struct vss_alias new, *old = find(a, name);

	if (vss_alias_check(name, err) < 0)
		return -1;
	new = (struct vss_alias){ vss_strdup(name), vss_strdup(value) };
	if (!old) {
		VSS_PUSH(a->v, a->n, a->cap) = new;
		return 0;
	}
	free(old->name);
	free(old->value);
	*old = new;
	return 0;
}

const char *
vss_aliases_get(const struct vss_aliases *a, const char *name)
{
	const struct vss_alias *found = find(a, name);
	return found ? found->value : NULL;
}

const char *
vss_aliases_of(const struct vss_aliases *a, const char *value)
{
	for (size_t i = 0; i < a->n; i++)
		if (vss_str_caseeq(a->v[i].value, value))
			return a->v[i].name;
	return NULL;
}

static bool
is_setting_of(const char *setting, const char *name)
{
	size_t len = strlen(name);
	return strncmp(setting, name, len) == 0 && setting[len] == '=';
}

void
vss_aliases_environment(const struct vss_aliases *a, struct vss_strv *env)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;

	for (size_t i = 0; i < env->n; i++) {
		size_t k = 0;
		while (k < a->n && !is_setting_of(env->v[i], a->v[k].name))
			k++;
		if (k == a->n)
			vss_strv_add(&all, env->v[i]);
	}
	for (size_t i = 0; i < a->n; i++)
		vss_strv_take(&all, vss_strf("%s=%s", a->v[i].name, a->v[i].value));
	struct vss_strv old = *env;
	*env = all;
	all = old;
}
