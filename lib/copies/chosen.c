/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/storage.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

/* A disk that is not mounted leaves an empty directory behind, and copies must not fill what that lies on. */
static int
check_there(const struct vss_limit *l, const char *mount, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_of(l->place, &why);
	bool there = v && vss_str_caseeq(v->id, l->on);

	vss_volume_free(v);
	if (there)
		return 0;
	return vss_fail(err, VSS_ABSENT, 0,
		"%s: its shadow copies go to %s, and the volume of that is not mounted there: mount it, or name "
		"another "
		"directory with --storage",
		mount, l->place);
}

/* Where its copies lie its provider leaves to who asks. */
static bool
has_say(const struct vss_storage_asker *a)
{
	struct vss_err untold = VSS_ERR_INIT; /* that nobody takes it is the session's to say */
	const struct vss_provider_ops *ops = vss_provider_for(a->volume, a->provider, &untold);

	return ops && !ops->self_made;
}

static int
agree(const struct vss_limits *limits, const struct vss_storage_asker *v, size_t n, char **dir, struct vss_err *err)
{
	const struct vss_storage_asker *first = NULL;
	const char *common = NULL; /* on the volume itself */

	for (size_t i = 0; i < n; i++) {
		const struct vss_limit *l = vss_limits_association(limits, v[i].volume->id);
		if (!has_say(&v[i]))
			continue;
		if (l && check_there(l, v[i].volume->mount, err) < 0)
			return -1;
		if (first && !vss_str_eq(common, l ? l->place : NULL))
			return vss_fail(err, VSS_INVALID, 0,
				"%s and %s have their shadow copies in different places, and a set has one: make two "
				"sets, "
				"or say --storage",
				first->volume->mount, v[i].volume->mount);
		first = &v[i];
		common = l ? l->place : NULL;
	}
	*dir = vss_strdup(common);
	return 0;
}

int
vss_storage_chosen(const struct vss_storage_asker *v, size_t n, char **dir, struct vss_err *err)
{
	struct vss_limits limits = { 0 };
	int rc = vss_limits_read(&limits, err);

	*dir = NULL;
	if (rc == 0 && limits.n)
		rc = agree(&limits, v, n, dir, err);
	vss_limits_free(&limits);
	return rc;
}
