/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAKING_LIMIT 65536

void
vss_store_set_name(const struct vss_uuid *set, const char *suffix, char out[VSS_UUID_TEXT + 8])
{
	char text[VSS_UUID_TEXT];
	vss_uuid_text(set, text);
	snprintf(out, VSS_UUID_TEXT + 8, "%s%s", text, suffix);
}

int
vss_making_write(int storefd, const struct vss_making *m, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	char id[VSS_UUID_TEXT], name[VSS_UUID_TEXT + 8];

	vss_uuid_text(&m->owner, id);
	vss_buf_fmt(&text, "owner=%s\n", id);
	for (size_t i = 0; i < m->n; i++) {
		vss_uuid_text(&m->shadows[i], id);
		vss_buf_fmt(&text, "shadow=%s\n", id);
	}
	vss_store_set_name(&m->set, ".making", name);
	return vss_write_file_at(storefd, name, text.data, text.len, 0600, err);
}

static int
read_line(struct vss_making *m, const char *line)
{
	if (vss_str_starts(line, "owner="))
		return vss_uuid_parse(line + strlen("owner="), &m->owner);
	if (!vss_str_starts(line, "shadow="))
		return -1;
	struct vss_uuid id;
	if (vss_uuid_parse(line + strlen("shadow="), &id))
		return -1;
	VSS_PUSH(m->shadows, m->n, m->cap) = id;
	return 0;
}

int
vss_making_read(int storefd, const struct vss_uuid *set, struct vss_making *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	char name[VSS_UUID_TEXT + 8];

	*out = (struct vss_making){ .set = *set };
	vss_store_set_name(set, ".making", name);
	if (vss_read_file_at(storefd, name, MAKING_LIMIT, &text, err))
		return -1;
	for (char *line = text.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (read_line(out, line)) {
			vss_making_clear(out);
			return vss_fail(err, VSS_INVALID, 0, "%s: it is not a mark of ours", name);
		}
	}
	return 0;
}

int
vss_making_remove(int storefd, const struct vss_uuid *set, struct vss_err *err)
{
	char name[VSS_UUID_TEXT + 8];

	vss_store_set_name(set, ".making", name);
	if (unlinkat(storefd, name, 0) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s", name);
	return 0;
}

void
vss_making_clear(struct vss_making *m)
{
	free(m->shadows);
	*m = (struct vss_making){ 0 };
}
