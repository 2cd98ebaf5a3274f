/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include "os/child.h"

enum { OUTPUT_BYTES = 16 << 20 };

static int
run(const struct command *c, const char *const *words, bool json, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;

	for (size_t i = 0; i < c->words.n; i++)
		vss_strv_add(&argv, c->words.v[i]);
	for (; *words; words++)
		vss_strv_add(&argv, *words);
	if (json) {
		vss_strv_add(&argv, "--format");
		vss_strv_add(&argv, "json");
	}
	return vss_run((const char *const *)argv.v, c->timeout_ms, OUTPUT_BYTES, out, err);
}

int
command_run(const struct command *c, const char *const *words, struct vss_buf *out, struct vss_err *err)
{
	return run(c, words, false, out, err);
}

struct vss_json *
command_json(const struct command *c, const char *const *words, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (run(c, words, true, &text, err) != 0)
		return NULL;
	struct vss_json *doc = vss_json_parse(text.data ? text.data : "", text.len, err);
	if (!doc)
		vss_wrap(err, "what rbd %s printed", words[0]);
	return doc;
}
