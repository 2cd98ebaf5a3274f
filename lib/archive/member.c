/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/member.h"

#include <stdlib.h>

void
vss_member_clear(struct vss_member *m)
{
	free(m->path);
	free(m->uname);
	free(m->gname);
	free(m->link);
	free(m->hardlink);
	for (size_t i = 0; i < m->nxattrs; i++) {
		free(m->xattrs[i].name);
		free(m->xattrs[i].value);
	}
	free(m->xattrs);
	free(m->extents);
	*m = (struct vss_member){ 0 };
}
