/* SPDX-License-Identifier: BSD-2-Clause */
#include "metadata.h"

#include "base/mem.h"
#include "base/path.h"
#include "wire/line.h"

#include <stdlib.h>
#include <string.h>

#define METADATA_VERSION "1"

char *
metadata_text(const struct hold *h)
{
	const struct places *p = &h->instance->places;
	VSS_AUTOFREE char *position = h->log_file ? vss_strf("%s %s", h->log_file, h->log_position) : NULL;
	struct vss_buf out = VSS_BUF_INIT;

	vss_line_begin(&out, METADATA_VERSION);
	for (size_t i = 0; i < p->n; i++) {
		vss_line_add(&out, p->v[i].dir);
		vss_line_add(&out, p->v[i].whole ? "" : p->v[i].spec);
	}
	if (h->instance->version)
		vss_line_add_pair(&out, "version", h->instance->version);
	if (position)
		vss_line_add_pair(&out, "binlog", position);
	if (h->gtid)
		vss_line_add_pair(&out, "gtid", h->gtid);
	return vss_buf_take(&out);
}

/* What comes out of an archive says where root moves files: only paths as we would write them. */
static int
take_places(const struct vss_line *l, struct places *out, struct vss_err *err)
{
	if (l->nwords < 3 || l->nwords % 2 == 0 || strcmp(l->words[0], METADATA_VERSION) != 0)
		return vss_fail(err, VSS_INVALID, 0, "the metadata of the backup is not of this writer's making");
	for (size_t i = 1; i < l->nwords; i += 2) {
		const char *dir = l->words[i], *spec = l->words[i + 1];
		VSS_AUTOFREE char *clean = vss_path_clean(dir, "/");

		if (strcmp(dir, clean) != 0 || strcmp(dir, "/") == 0 || strchr(spec, '/'))
			return vss_fail(err, VSS_INVALID, 0, "the metadata of the backup names no directory: %s", dir);
		VSS_PUSH(out->v, out->n, out->cap) = (struct place){ vss_strdup(dir), vss_strdup(spec), *spec == '\0' };
	}
	vss_strv_take(&out->locks, vss_path_join(out->v[0].dir, "aria_log_control"));
	vss_strv_take(&out->locks, vss_path_join(out->v[0].dir, "ibdata1"));
	return 0;
}

int
metadata_parse(const char *text, struct metadata *out, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;
	size_t n = strcspn(text, "\n");
	int r = vss_line_parse(text, n, &l, err);

	if (r == 0)
		r = take_places(&l, &out->places, err);
	if (r == 0)
		out->version = vss_strdup(vss_line_get(&l, "version"));
	vss_line_clear(&l);
	return r;
}

void
metadata_clear(struct metadata *m)
{
	free(m->version);
	places_clear(&m->places);
	*m = (struct metadata)METADATA_INIT;
}
