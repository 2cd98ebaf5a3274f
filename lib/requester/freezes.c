/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/freezes.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MOST = 1 << 20, KEYS_MOST = 1000 };

void
vss_freezes_free(struct vss_freezes *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].key);
	free(f->v);
	memset(f, 0, sizeof *f);
}

static struct vss_freezes_of *
find(const struct vss_freezes *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].key, key) == 0)
			return &f->v[i];
	return NULL;
}

static void
add(struct vss_freezes *f, const char *key, uint64_t us)
{
	struct vss_freezes_of *of = find(f, key);

	if (!of && f->n == KEYS_MOST)
		return;
	if (!of) {
		of = &VSS_PUSH(f->v, f->n, f->cap);
		*of = (struct vss_freezes_of){ .key = vss_strdup(key) };
	}
	if (of->n == VSS_FREEZES_KEPT)
		memmove(of->us, of->us + 1, --of->n * sizeof *of->us);
	of->us[of->n++] = us;
}

static void
read_line(struct vss_freezes *f, char *line)
{
	char *rest = NULL;
	const char *key = strtok_r(line, " ", &rest);
	uint64_t us;

	for (const char *word; key && (word = strtok_r(NULL, " ", &rest));)
		if (vss_parse_u64(word, &us) == 0)
			add(f, key, us);
}

void
vss_freezes_read(struct vss_freezes *f)
{
	VSS_AUTOFREE char *path = vss_strf("%s/freezes", vss_state_dir());
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	char *rest = NULL;

	memset(f, 0, sizeof *f);
	if (vss_read_file(path, FILE_BYTES_MOST, &text, &ignored) < 0 || !text.len)
		return;
	for (char *line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		read_line(f, line);
}

static int
by_length(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

size_t
vss_freezes_median(const struct vss_freezes *f, const char *key, uint64_t *us)
{
	const struct vss_freezes_of *of = find(f, key);
	uint64_t sorted[VSS_FREEZES_KEPT];

	if (!of)
		return 0;
	memcpy(sorted, of->us, of->n * sizeof *sorted);
	qsort(sorted, of->n, sizeof *sorted, by_length);
	*us = of->n % 2 ? sorted[of->n / 2] : (sorted[of->n / 2 - 1] + sorted[of->n / 2]) / 2;
	return of->n;
}

/* --- of a set --- */

/* Instances of one writer have one name: from the first question to the last answer. */
static void
add_writer(struct vss_freezes *f, const struct vss_set *set, const struct vss_set_writer *w)
{
	VSS_AUTOFREE char *who = vss_strf("writer %s", w->name);
	int64_t asked = -1, thawed = -1;
	char id[VSS_UUID_TEXT];

	for (size_t i = 0; i < set->nledger; i++) {
		const struct vss_ledger_entry *e = &set->ledger[i];
		if (!vss_str_eq(e->who, who))
			continue;
		if (asked < 0 && vss_str_eq(e->what, "asked"))
			asked = e->at_ns;
		if (vss_str_eq(e->what, "thawed"))
			thawed = e->at_ns;
	}
	if (asked < 0 || thawed < asked)
		return;
	vss_uuid_text(&w->id, id);
	add(f, id, (uint64_t)(thawed - asked) / 1000);
}

static void
add_providers(struct vss_freezes *f, const struct vss_set *set)
{
	VSS_AUTOSTRV struct vss_strv seen = VSS_STRV_INIT;

	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_AUTOFREE char *key = vss_strf("provider:%s", set->shadows[i].provider);
		if (vss_strv_has(&seen, key))
			continue;
		add(f, key, (uint64_t)(set->freeze_ms * 1000 + 0.5));
		vss_strv_add(&seen, key);
	}
}

static void
format(const struct vss_freezes *f, struct vss_buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		vss_buf_str(out, f->v[i].key);
		for (size_t k = 0; k < f->v[i].n; k++)
			vss_buf_fmt(out, " %" PRIu64, f->v[i].us[k]);
		vss_buf_ch(out, '\n');
	}
}

void
vss_freezes_note(const struct vss_set *set)
{
	VSS_AUTOFREE char *path = vss_strf("%s/freezes", vss_state_dir());
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_freezes f;

	vss_freezes_read(&f);
	for (size_t i = 0; i < set->nwriters; i++)
		add_writer(&f, set, &set->writers[i]);
	if (!set->nwriters)
		add_providers(&f, set);
	format(&f, &text);
	vss_freezes_free(&f);
	if (vss_make_dirs(vss_state_dir(), &err) < 0 || vss_write_file(path, text.data, text.len, 0600, &err) < 0)
		vss_info("how long the set took was not noted: %s", err.text);
}
