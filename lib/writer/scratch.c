/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host.h"

#include "base/mem.h"
#include "base/path.h"

char *
vss_writer_within_scratch(const struct vss_writer *w, const char *path)
{
	if (!w->scratch || !path || *path != '/')
		return NULL;
	VSS_AUTOFREE char *clean = vss_path_clean(path, "/");
	return vss_strdup(vss_path_below(clean, w->scratch));
}
