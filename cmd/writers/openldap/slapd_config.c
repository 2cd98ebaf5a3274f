/* SPDX-License-Identifier: BSD-2-Clause */
#include "ldif.h"
#include "server.h"
#include "tools.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES = 64 << 20 };

struct reading {
	struct server *server;
	const struct vss_strv *ignored;
};

static void
add_word(struct vss_buf *out, const char *word)
{
	vss_buf_fmt(out, "%s%s", out->len > 0 ? " " : "", word);
}

/* What the database leaves out of its duty to sync; readahead and the like do not matter. */
static char *
sync_settings(const struct ldif_entry *e)
{
	static const char *const flags[] = { "nosync", "nometasync", "writemap", "mapasync" };
	const char *nosync = ldif_value(e, "olcDbNoSync", 0), *flag;
	struct vss_buf out = VSS_BUF_INIT;

	if (nosync && vss_str_caseeq(nosync, "TRUE"))
		add_word(&out, "dbnosync");
	for (size_t i = 0; (flag = ldif_value(e, "olcDbEnvFlags", i)) != NULL; i++)
		for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
			if (strcmp(flag + (flag[0] == '{' ? strcspn(flag, "}") + 1 : 0), flags[k]) == 0)
				add_word(&out, flags[k]);
	if (out.len == 0)
		add_word(&out, "full");
	return vss_buf_take(&out);
}

static int
take_entry(void *ctx, const struct ldif_entry *e, struct vss_err *err)
{
	const struct reading *r = ctx;
	const char *entry = ldif_value(e, "olcDatabase", 0);

	if (!entry)
		return 0;
	struct database found = { 0 };
	VSS_AUTOFREE char *suffix = vss_strdup(ldif_value(e, "olcSuffix", 0));
	VSS_AUTOFREE char *directory = vss_strdup(ldif_value(e, "olcDbDirectory", 0));
	VSS_AUTOFREE char *sync = sync_settings(e);
	found.suffix = suffix;
	found.directory = directory;
	found.sync = sync;
	return server_add_database(r->server, r->ignored, &found, entry, err);
}

int
server_read_config(struct server *s, const struct vss_strv *ignored, struct vss_err *err)
{
	struct reading r = { s, ignored };
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (slapcat_config(s->config, CONFIG_BYTES, &text, err) != 0)
		return -1;
	if (text.len == 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: slapcat says nothing of it", s->config);
	return ldif_read(text.data, text.len, take_entry, &r, err) == 0 ? 0 : vss_wrap(err, "%s", s->config);
}
