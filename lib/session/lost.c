/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static int
by_path(const void *a, const void *b)
{
	const struct vss_session_lost *x = a, *y = b;
	return strcmp(x->path, y->path);
}

static int
path_to_lost(const void *path, const void *lost)
{
	return strcmp(path, ((const struct vss_session_lost *)lost)->path);
}

/* The providers' lists go with the making; what they say is kept for the requester, by the paths that it knows. */
void
session_keep_lost(struct vss_session *s)
{
	for (size_t i = 0; i < s->nvolumes; i++) {
		const struct vss_provider_volume *v = making_at(s->making, i);
		for (size_t k = 0; k < v->nlost; k++)
			VSS_PUSH(s->lost, s->nlost, s->clost) = (struct vss_session_lost){
				.path = vss_path_join(v->volume->mount, v->lost[k].path),
				.type = v->lost[k].type,
				.why = vss_strdup(v->lost[k].why),
			};
	}
	if (s->nlost)
		qsort(s->lost, s->nlost, sizeof *s->lost, by_path);
}

void
session_free_lost(struct vss_session *s)
{
	for (size_t i = 0; i < s->nlost; i++) {
		free(s->lost[i].path);
		free(s->lost[i].why);
	}
	free(s->lost);
}

const struct vss_session_lost *
vss_session_lost(const struct vss_session *s, const char *path)
{
	return s->nlost ? bsearch(path, s->lost, s->nlost, sizeof *s->lost, path_to_lost) : NULL;
}
