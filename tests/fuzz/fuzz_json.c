/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes: the reader survives them; what the writer makes of them as a name, the reader takes, and the name comes back exactly. */
#include "base/mem.h"
#include "base/str.h"
#include "json/read.h"
#include "json/write.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
read_anything(const char *text, size_t n)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_json *doc = vss_json_parse(text, n, &err);
	for (size_t i = 0; i < vss_json_count(doc); i++)
		(void)vss_json_str(vss_json_at(doc, i), "a");
	vss_json_free(doc);
}

/* The name that a reader of ours gets out of member "p" and, where it is there, "p_bytes". */
static void
name_of(const struct vss_json *doc, struct vss_buf *out)
{
	const char *exact = vss_json_str(doc, "p_bytes");
	if (!exact)
		vss_buf_str(out, vss_json_str(doc, "p"));
	else if (vss_base64_decode(out, exact, strlen(exact)))
		abort();
}

static void
write_and_read_back(const char *name)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT, back = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &text, name[0] & 1);
	vss_jw_begin_object(&w);
	vss_jw_path(&w, "p", name);
	vss_jw_end_object(&w);
	if (vss_jw_finish(&w, &err))
		abort();
	struct vss_json *doc = vss_json_parse(text.data, text.len, &err);
	if (!doc)
		abort();
	name_of(doc, &back);
	if (strcmp(back.data ? back.data : "", name) != 0)
		abort();
	vss_json_free(doc);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOFREE char *text = vss_strndup((const char *)data, n);
	read_anything((const char *)data, n);
	write_and_read_back(text);
	return 0;
}
