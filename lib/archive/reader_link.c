/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/reader_internal.h"
#include "base/mem.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A first name that is not wanted, and the wanted name under which its content was given away. */
struct given {
	uint64_t at; /* of the first name's member */
	char *path;
};

static int
by_place(const void *a, const void *b)
{
	const struct given *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static void
free_given(void *node)
{
	struct given *g = node;

	free(g->path);
	free(g);
}

void
vss_reader_forget_links(struct vss_archive_reader *r)
{
	tdestroy(r->links, free_given);
	r->links = NULL;
}

/* Read the first name's header and let the entry be that member, under its own path. */
static int
take_content(
	struct vss_archive_reader *r, const struct vss_index_entry *first, struct vss_tar_entry *e, struct vss_err *err)
{
	struct vss_tar_entry target = { 0 };
	bool other;
	int found;

	if (!r->single.in && vss_span_open(&r->single, 0, 0, vss_index_trailer(r->index)->content_bytes, err))
		return -1;
	memcpy(r->expected, first->digest, VSS_DIGEST);
	vss_span_go(&r->single, first->at);
	found = vss_tar_decode(&r->single.content, &target, err);
	if (found <= 0) {
		vss_tar_entry_clear(&target);
		return found ? -1 : vss_fail(err, VSS_CORRUPT, 0, "archive: index does not match the data");
	}
	other = strcmp(target.m.path, e->m.hardlink) != 0 || target.m.hardlink || S_ISDIR(target.m.mode);
	free(target.m.path);
	target.m.path = vss_take(&e->m.path);
	vss_tar_entry_clear(e);
	*e = target;
	r->from = &r->single.content;
	return other ? vss_fail(err, VSS_CORRUPT, 0, "%s: hard link to something else", e->m.path) : 0;
}

int
vss_reader_resolve_link(struct vss_archive_reader *r, struct vss_tar_entry *e, struct vss_err *err)
{
	struct vss_index_entry first;
	struct given key, *g, **known;
	int found = vss_index_find(r->index, e->m.hardlink, &first, err);

	if (found <= 0)
		return found ? -1 : vss_fail(err, VSS_CORRUPT, 0, "%s: hard link to nothing", e->m.path);
	key.at = first.at;
	known = tfind(&key, &r->links, by_place);
	if (known) {
		free(e->m.hardlink);
		e->m.hardlink = vss_strdup((*known)->path);
		return 0;
	}
	g = vss_alloc(sizeof *g);
	*g = (struct given){ .at = first.at, .path = vss_strdup(e->m.path) };
	if (!tsearch(g, &r->links, by_place)) {
		free_given(g);
		return vss_fail(err, VSS_SYSTEM, 0, "%s: no memory for hard links", e->m.path);
	}
	return take_content(r, &first, e, err);
}
