/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/manifest_internal.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct vss_manifest_check {
	struct vss_spool *seen; /* the lines of the members, as they should stand in the manifest */
	struct vss_spool_cursor *cursor;
	struct vss_buf line; /* of the stored manifest, as far as it has come */
	struct vss_buf expected;
	struct vss_manifest_state state;
};

struct vss_manifest_check *
vss_manifest_check_new(struct vss_err *err)
{
	struct vss_manifest_check *c = vss_alloc(sizeof *c);

	c->seen = vss_spool_new(-1);
	if (!vss_spool_put(c->seen, VSS_MANIFEST_HEAD, strlen(VSS_MANIFEST_HEAD), err))
		return c;
	vss_manifest_check_free(c);
	return NULL;
}

void
vss_manifest_check_free(struct vss_manifest_check *c)
{
	if (!c)
		return;
	vss_spool_cursor_free(c->cursor);
	vss_spool_free(c->seen);
	vss_buf_free(&c->line);
	vss_buf_free(&c->expected);
	vss_manifest_state_clear(&c->state);
	free(c);
}

int
vss_manifest_check_member(struct vss_manifest_check *c, const struct vss_member *m, struct vss_err *err)
{
	size_t digest_at;

	vss_buf_reset(&c->line);
	if (vss_manifest_line(&c->state, &c->line, m, &digest_at, err) ||
		vss_spool_put(c->seen, c->line.data, c->line.len, err))
		return -1;
	vss_buf_reset(&c->line);
	return 0;
}

static int
mismatch(const struct vss_buf *line, struct vss_err *err)
{
	size_t n = strcspn(line->data, " \n");
	VSS_AUTOFREE char *path = vss_strndup(line->data, n);

	return vss_fail(err, VSS_CORRUPT, 0, "archive: %s: does not match the manifest",
		vss_str_starts(path, "./") ? path + 2 : path);
}

/* No member is there to compare it with: it need only be sound. */
static int
pass_over(struct vss_manifest_check *c, struct vss_err *err)
{
	struct vss_member m = { 0 };
	int r;

	c->line.data[--c->line.len] = 0; /* its newline */
	r = vss_manifest_parse(c->line.data, &m, err);
	vss_member_clear(&m);
	vss_buf_reset(&c->line);
	return r < 0 ? -1 : 0;
}

static int
check_line(struct vss_manifest_check *c, struct vss_err *err)
{
	int r;

	if (memchr(c->line.data, 0, c->line.len))
		return mismatch(&c->line, err);
	if (vss_manifest_is_elsewhere(c->line.data))
		return pass_over(c, err);
	vss_manifest_mend(&c->line); /* nothing of the member tells of that */
	vss_buf_reset(&c->expected);
	vss_buf_reserve(&c->expected, c->line.len);
	r = vss_spool_get(c->cursor, c->expected.data, c->line.len, err);
	if (r < 0 && err->code != VSS_CORRUPT)
		return -1;
	/* Corrupt: the spool ended, the manifest speaks of more than there is. */
	if (r <= 0 || memcmp(c->expected.data, c->line.data, c->line.len) != 0)
		return mismatch(&c->line, err);
	vss_buf_reset(&c->line);
	return 0;
}

int
vss_manifest_check_text(struct vss_manifest_check *c, const void *p, size_t n, struct vss_err *err)
{
	const char *from = p;

	if (!c->cursor)
		c->cursor = vss_spool_read_from(c->seen, 0);
	while (n) {
		const char *end = memchr(from, '\n', n);
		size_t part = end ? (size_t)(end - from) + 1 : n;

		if (part > VSS_LINE_LIMIT - c->line.len)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: line too long");
		vss_buf_add(&c->line, from, part);
		if (end && check_line(c, err))
			return -1;
		from += part;
		n -= part;
	}
	return 0;
}

int
vss_manifest_check_end(struct vss_manifest_check *c, struct vss_err *err)
{
	const void *p;
	size_t got = 0;

	if (c->line.len)
		return mismatch(&c->line, err);
	if (!c->cursor || vss_spool_peek(c->cursor, 1, &p, &got, err) || got)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: it does not name every member");
	return 0;
}
