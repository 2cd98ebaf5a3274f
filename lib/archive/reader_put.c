/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/reader_internal.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void
vss_archive_put_in_place(struct vss_archive_reader *r, const char *name, const struct vss_buf *text)
{
	struct vss_stream_doc *d = &VSS_PUSH(r->put.v, r->put.n, r->put.cap);

	*d = (struct vss_stream_doc){ .name = vss_strdup(name), .text = VSS_BUF_INIT };
	vss_buf_add(&d->text, text->data, text->len);
}

const struct vss_buf *
vss_reader_put(const struct vss_archive_reader *r, const char *name)
{
	for (size_t i = 0; i < r->put.n; i++)
		if (strcmp(r->put.v[i].name, name) == 0)
			return &r->put.v[i].text;
	return NULL;
}

void
vss_reader_forget_put(struct vss_archive_reader *r)
{
	for (size_t i = 0; i < r->put.n; i++) {
		free(r->put.v[i].name);
		vss_buf_free(&r->put.v[i].text);
	}
	free(r->put.v);
	r->put = (struct vss_stream_docs){ 0 };
}
