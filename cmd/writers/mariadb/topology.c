/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology.h"

#include "base/path.h"
#include "base/str.h"

#include <string.h>

/*
 * Log and data that are copied at different times do not fit together: the log would bring back pages that the data does not
 * have, or the reverse.  The lock does not help: under it InnoDB still writes pages.
 */
struct volume {
	const char *mount, *instant, *group;
};

/* Line `line`, when it names a volume. */
static bool
read_volume(const struct vss_sdk *w, size_t line, struct volume *v)
{
	const char *word = vss_sdk_line_word(w, line, 0);

	v->mount = vss_sdk_line_word(w, line, 1);
	v->instant = vss_sdk_line_get(w, line, "instant");
	v->group = vss_sdk_line_get(w, line, "group");
	return word && strcmp(word, "volume") == 0 && v->mount && v->instant && v->group;
}

/* The volume that a directory lies on: the deepest mount above it. */
static bool
volume_of(const struct vss_sdk *w, const char *dir, struct volume *out)
{
	struct volume v;
	bool found = false;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		if (!read_volume(w, i, &v) || !vss_path_is_below(dir, v.mount))
			continue;
		if (!found || strlen(v.mount) > strlen(out->mount))
			*out = v;
		found = true;
	}
	return found;
}

#define WAY_OUT                                                                                                        \
	"put all of it on one btrfs, LVM or cloning volume of a kind that is copied at one instant, stop the server "  \
	"for the "                                                                                                     \
	"backup, or take dumps instead (dumps=only)"

static int
compare(const struct instance *i, const struct volume *first, const struct volume *v, const char *dir,
	struct vss_err *err)
{
	if (strcmp(v->instant, "one") != 0)
		return vss_fail(err, VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT, 0,
			"instance %s: %s is copied file by file while the server writes: " WAY_OUT, i->config->name,
			dir);
	if (strcmp(v->group, first->group) != 0)
		return vss_fail(err, VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT, 0,
			"instance %s: %s and %s are not copied at one instant: " WAY_OUT, i->config->name,
			instance_data(i), dir);
	return 0;
}

/* Also what is mounted within a directory of which all is taken. */
static int
check_below(const struct vss_sdk *w, const struct instance *i, const struct volume *first, const struct place *p,
	struct vss_err *err)
{
	struct volume v;

	for (size_t k = 0; p->whole && k < vss_sdk_lines(w); k++)
		if (read_volume(w, k, &v) && vss_path_is_below(v.mount, p->dir) &&
			compare(i, first, &v, v.mount, err) != 0)
			return -1;
	return 0;
}

int
topology_check(const struct vss_sdk *w, const struct instance *i, struct vss_err *err)
{
	struct volume first, v;

	for (size_t k = 0; k < i->places.n; k++) {
		const struct place *p = &i->places.v[k];

		if (!volume_of(w, p->dir, &v))
			return vss_fail(err, VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT, 0,
				"instance %s: %s lies on no volume of the set", i->config->name, p->dir);
		if (k == 0)
			first = v;
		if (compare(i, &first, &v, p->dir, err) != 0 || check_below(w, i, &first, p, err) != 0)
			return -1;
	}
	return 0;
}
