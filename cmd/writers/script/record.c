/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "wire/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_MS 8000 /* the coordinator waits 10 s for the answer to hello */

/* `thaw TRIES WORD...`, in the order of the freezes. */
static void
add_step(struct vss_buf *out, const struct step *s)
{
	VSS_AUTOFREE char *tries = vss_strf("%u", s->thaw_tries);

	vss_line_begin(out, "thaw");
	vss_line_add(out, tries);
	for (size_t i = 0; i < s->thaw.n; i++)
		vss_line_add(out, s->thaw.v[i]);
	vss_line_end(out);
}

int
record_write(const struct vss_undo *u, const struct pairs *ps, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = 0; i < ps->n; i++)
		for (size_t j = 0; j < ps->v[i].nsteps; j++)
			if (ps->v[i].steps[j].begun)
				add_step(&text, &ps->v[i].steps[j]);
	return vss_undo_write(u, &text, err);
}

static int
take_line(struct pair *p, const char *text, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;
	uint64_t tries = 0;
	int result = vss_line_parse(text, strlen(text), &l, err);

	if (result == 0 && (l.nwords < 3 || vss_parse_u64(l.words[1], &tries) != 0))
		result = vss_fail(err, VSS_INVALID, 0, "its record cannot be read");
	if (result == 0) {
		struct step *s = pair_add_step(p);
		s->begun = true;
		s->thaw_tries = (unsigned)tries;
		for (size_t i = 2; i < l.nwords; i++)
			vss_strv_add(&s->thaw, l.words[i]);
	}
	vss_line_clear(&l);
	return result;
}

static int
take_record(struct pair *p, char *text, struct vss_err *err)
{
	for (char *line; (line = strsep(&text, "\n"));)
		if (*line && take_line(p, line, err) != 0)
			return -1;
	return 0;
}

static int
thaw_left(const struct vss_undo *u, struct pairs *ps, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (pair_thaw(&ps->v[0], err) == 0)
		return 0;
	if (record_write(u, ps, &why) != 0) /* the old one stands: a thaw too many does no harm */
		fprintf(stderr, "%s\n", why.text);
	return -1;
}

int
record_settle(struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	struct vss_undo u = VSS_UNDO_NONE;
	struct vss_err why = VSS_ERR_INIT;
	struct pairs ps = { NULL, 0, 0 };
	int got = vss_undo_open(RECORD, 0, &u, &left, &why);

	if (got < 0)
		fprintf(stderr, "cannot look whether something was left frozen: %s\n", why.text);
	if (got <= 0)
		return 0;
	int result = 0;
	if (left.len) {
		struct pair *p = &VSS_PUSH(ps.v, ps.n, ps.cap);
		*p = (struct pair){ .timeout_ms = SETTLE_MS };
		result = take_record(p, left.data, err);
		if (result == 0)
			result = thaw_left(&u, &ps, err);
	}
	vss_undo_close(&u, result == 0);
	pairs_clear(&ps);
	return result < 0 ? vss_wrap(err, "left frozen by a run that was killed") : 0;
}
