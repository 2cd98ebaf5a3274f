/* SPDX-License-Identifier: BSD-2-Clause */
#include "shell.h"

#include "base/mem.h"
#include "base/num.h"
#include "front/command.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PARAMETER "DISKSH_PARAM_"
#define DEVICE "VSS_SHADOW_DEVICE_"
#define VOLUME "VSS_VOLUME_"

static bool
begins(const char *name, const char *with)
{
	return strncasecmp(name, with, strlen(with)) == 0;
}

static bool
is_parameter(const char *name)
{
	return begins(name, PARAMETER);
}

static const char *
parameter(const struct shell *sh, const char *name)
{
	uint64_t n;

	if (vss_parse_u64(name + strlen(PARAMETER), &n) < 0 || n < 1 || n > sh->parameters.n)
		return NULL;
	return sh->parameters.v[n - 1];
}

/* As it is written, or else in whatever case: scripts say %computername%. */
static const char *
from_environment(const char *name)
{
	const char *value = getenv(name);
	size_t n = strlen(name);

	for (char **e = environ; !value && *e; e++)
		if (strncasecmp(*e, name, n) == 0 && (*e)[n] == '=')
			value = *e + n + 1;
	return value;
}

/* What EXEC's programs are told of the set, besides its aliases. */
static const char *
of_set(const struct vss_set *set, const char *name)
{
	bool device = begins(name, DEVICE), volume = begins(name, VOLUME);
	uint64_t n;

	if (!device && !volume)
		return NULL;
	if (vss_parse_u64(name + strlen(device ? DEVICE : VOLUME), &n) < 0 || n < 1 || n > set->nshadows)
		return NULL;
	return device ? set->shadows[n - 1].device : set->shadows[n - 1].volume;
}

/* A parameter that was not given is none, also when a shell around this one has left its own in the environment. */
const char *
shell_value(void *ctx, const char *name)
{
	const struct shell *sh = ctx;
	const char *value = vss_aliases_get(&sh->aliases, name);

	if (!value && sh->job)
		value = of_set(vss_job_set(sh->job), name);
	if (value)
		return value;
	return is_parameter(name) ? parameter(sh, name) : from_environment(name);
}

/* Devices and volumes of the set; its IDs have the names that the aliases give them. */
static void
add_set(const struct vss_set *set, struct vss_strv *out)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;

	vss_front_env(set, &all);
	for (size_t i = 0; i < all.n; i++)
		if (vss_str_starts(all.v[i], DEVICE) || vss_str_starts(all.v[i], VOLUME))
			vss_strv_add(out, all.v[i]);
}

void
shell_environment(const struct shell *sh, struct vss_strv *out)
{
	for (char **e = environ; *e; e++)
		if (!vss_str_starts(*e, "VSS_SHADOW_") && !vss_str_starts(*e, "VSS_VOLUME_") && !is_parameter(*e))
			vss_strv_add(out, *e);
	for (size_t i = 0; i < sh->parameters.n; i++)
		vss_strv_take(out, vss_strf(PARAMETER "%zu=%s", i + 1, sh->parameters.v[i]));
	if (sh->job)
		add_set(vss_job_set(sh->job), out);
	vss_aliases_environment(&sh->aliases, out);
}
