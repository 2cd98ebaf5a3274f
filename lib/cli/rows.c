/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/out.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct vss_rows {
	const struct vss_column *columns;
	unsigned ncolumns;
	unsigned *chosen, nchosen; /* indices into columns */
	char **cells;		   /* nchosen for each row; NULL: not given */
	size_t nrows, cap;
};

static int
find_column(const struct vss_column *columns, unsigned n, const char *key, size_t len)
{
	for (unsigned i = 0; i < n; i++)
		if (strlen(columns[i].key) == len && memcmp(columns[i].key, key, len) == 0)
			return (int)i;
	return -1;
}

static int
fail_unknown(const struct vss_rows *r, const char *key, size_t len, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf known = VSS_BUF_INIT;
	for (unsigned i = 0; i < r->ncolumns; i++)
		vss_buf_fmt(&known, "%s%s", i ? "," : "", r->columns[i].key);
	return vss_fail(err, VSS_USAGE, 0, "--columns: '%.*s' is none of %s", (int)len, key, known.data);
}

static int
choose(struct vss_rows *r, const char *keys, struct vss_err *err)
{
	size_t most = 1;
	for (const char *c = keys; *c; c++)
		most += *c == ',';
	r->chosen = vss_alloc(most * sizeof *r->chosen);
	for (;;) {
		size_t len = strcspn(keys, ",");
		int found = find_column(r->columns, r->ncolumns, keys, len);
		if (found < 0)
			return fail_unknown(r, keys, len, err);
		r->chosen[r->nchosen++] = (unsigned)found;
		if (!keys[len])
			return 0;
		keys += len + 1;
	}
}

static void
rows_free(struct vss_rows *r)
{
	for (size_t i = 0; i < (r->nrows + 1) * r->nchosen && i < r->cap; i++)
		free(r->cells[i]);
	free(r->cells);
	free(r->chosen);
	free(r);
}

/* Room for the row that is being filled, all its cells empty. */
static void
begin_row(struct vss_rows *r)
{
	size_t need = (r->nrows + 1) * r->nchosen;
	if (need > r->cap) {
		size_t cap = need * 2;
		r->cells = vss_realloc(r->cells, cap, sizeof *r->cells);
		memset(r->cells + r->cap, 0, (cap - r->cap) * sizeof *r->cells);
		r->cap = cap;
	}
}

struct vss_rows *
vss_rows_new(const struct vss_column *columns, unsigned n, const char *chosen, struct vss_err *err)
{
	struct vss_rows *r = vss_alloc(sizeof *r);
	r->columns = columns;
	r->ncolumns = n;
	if (choose(r, chosen, err)) {
		r->nchosen = 0;
		rows_free(r);
		return NULL;
	}
	begin_row(r);
	return r;
}

void
vss_rows_cell(struct vss_rows *r, const char *key, const char *value)
{
	int column = find_column(r->columns, r->ncolumns, key, strlen(key));
	assert(column >= 0);
	char **row = r->cells + r->nrows * r->nchosen;
	for (unsigned i = 0; i < r->nchosen; i++) {
		if (r->chosen[i] != (unsigned)column)
			continue;
		free(row[i]);
		row[i] = vss_escaped(value ? value : "");
	}
}

void
vss_rows_next(struct vss_rows *r)
{
	r->nrows++;
	begin_row(r);
}

static const char *
shown(const char *cell)
{
	return cell && *cell ? cell : "-";
}

/* In characters: the bytes that do not continue one. */
static int
width_of(const char *text)
{
	int n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static int
column_width(const struct vss_rows *r, unsigned i)
{
	int most = width_of(r->columns[r->chosen[i]].heading);
	for (size_t row = 0; row < r->nrows; row++) {
		int w = width_of(shown(r->cells[row * r->nchosen + i]));
		most = w > most ? w : most;
	}
	return most;
}

static void
print_cell(const struct vss_rows *r, unsigned i, const char *text, const int *widths)
{
	bool last = i + 1 == r->nchosen;
	if (!widths)
		vss_out("%s%c", text, last ? '\n' : '\t');
	else if (last)
		vss_out("%s\n", text);
	else
		vss_out("%s%*s", text, widths[i] - width_of(text) + 2, "");
}

void
vss_rows_print(struct vss_rows *r)
{
	VSS_AUTOFREE int *widths = NULL;
	if (isatty(STDOUT_FILENO) == 1) {
		widths = vss_alloc(r->nchosen * sizeof *widths);
		for (unsigned i = 0; i < r->nchosen; i++)
			widths[i] = column_width(r, i);
		for (unsigned i = 0; i < r->nchosen; i++)
			print_cell(r, i, r->columns[r->chosen[i]].heading, widths);
	}
	for (size_t row = 0; row < r->nrows; row++)
		for (unsigned i = 0; i < r->nchosen; i++)
			print_cell(r, i, shown(r->cells[row * r->nchosen + i]), widths);
	rows_free(r);
}
