/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies.h"

static int
check_word(const char *word, struct vss_err *err)
{
	if (vss_uuid_is_prefix(word))
		return 0;
	return vss_fail(err, VSS_USAGE, 0, "%s: not an ID, nor 8 or more digits of one", word);
}

int
vss_copies_find_set(const struct vss_set_list *l, const char *word, struct vss_set **set, struct vss_err *err)
{
	struct vss_set *found = NULL;

	if (check_word(word, err) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		if (!vss_uuid_has_prefix(&l->v[i]->id, word))
			continue;
		if (found)
			return vss_fail(err, VSS_INVALID, 0, "%s: fits several shadow copy sets", word);
		found = l->v[i];
	}
	if (!found)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: there is no such shadow copy set", word);
	*set = found;
	return 0;
}

int
vss_copies_find_shadow(
	const struct vss_set_list *l, const char *word, struct vss_set **set, size_t *index, struct vss_err *err)
{
	struct vss_set *found = NULL;
	size_t at = 0;

	if (check_word(word, err) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		for (size_t k = 0; k < l->v[i]->nshadows; k++) {
			if (!vss_uuid_has_prefix(&l->v[i]->shadows[k].id, word))
				continue;
			if (found)
				return vss_fail(err, VSS_INVALID, 0, "%s: fits several shadow copies", word);
			found = l->v[i];
			at = k;
		}
	}
	if (!found)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: there is no such shadow copy", word);
	*set = found;
	*index = at;
	return 0;
}
