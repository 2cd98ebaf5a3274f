/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/increment.h"

#include "base/buf.h"
#include "base/mem.h"

#include "lib/cm.h"

#include <string.h>

/* A component of a writer with change times: files, logs only for log backups, and what it noted about its changes. */
struct world {
	struct vss_metadata *m;
	struct vss_component *c;
	struct vss_bcd *b;
	struct vss_bcd_component *stored;
	struct vss_buf said;
};

static void
make(struct world *w)
{
	struct vss_err err = VSS_ERR_INIT;

	memset(w, 0, sizeof *w);
	w->m = vss_metadata_new();
	w->m->schema = VSS_BS_INCREMENTAL | VSS_BS_DIFFERENTIAL | VSS_BS_LAST_MODIFY;
	vss_metadata_add_component(w->m, VSS_CT_FILEGROUP, NULL, "main", &err);
	vss_metadata_add_component(w->m, VSS_CT_FILEGROUP, "main", "sub", &err);
	vss_metadata_add_component(w->m, VSS_CT_FILEGROUP, NULL, "other", &err);
	w->c = &w->m->components[0];
	w->c->selectable = true;
	vss_component_add_files(w->c, VSS_FILES, "/db", "*", true);
	vss_component_add_files(w->c, VSS_FILES, "/log", "*.log", false)->mask = 0x8;
	vss_component_add_files(&w->m->components[1], VSS_FILES, "/sub", "*", false);
	vss_component_add_files(&w->m->components[2], VSS_FILES, "/other", "*", true);
	w->b = vss_bcd_new();
	w->stored = vss_bcd_add_component(vss_bcd_add_writer(w->b, w->m), w->c, &err);
}

static void
clear(struct world *w)
{
	vss_bcd_free(w->b);
	vss_metadata_free(w->m);
	vss_buf_free(&w->said);
}

static void
add_differenced(struct world *w, const char *path, const char *spec, bool recursive, int64_t since_ns)
{
	VSS_PUSH(w->stored->differenced, w->stored->ndifferenced, w->stored->cdifferenced) =
		(struct vss_bcd_differenced){ vss_strdup(path), vss_strdup(spec), recursive, since_ns };
}

static void
add_partial(struct world *w, const char *path, const char *name, const char *ranges)
{
	VSS_PUSH(w->stored->partials, w->stored->npartials, w->stored->cpartials) = (struct vss_bcd_partial){
		.path = vss_strdup(path), .name = vss_strdup(name), .ranges = vss_strdup(ranges)
	};
}

/* Z7, Z8, B33, B34, B43, B46, B54..B56 */
static void
differenced_files_come_before_partial_ones_and_those_before_the_mask(void **state)
{
	static const struct {
		const char *dir, *name;
		int set; /* which file set takes it; -1: none */
		const char *full, *incremental, *log;
	} rows[] = {
		/* w whole, - out, cN changed since N, p parts; full and copy build on nothing */
		{ "/db", "plain", 0, "w", "w", "w" },  /* all bits: whatever its dates */
		{ "/log", "1.log", 1, "-", "-", "w" }, /* C14: the log bit only, though the component is compulsory */
		{ "/db/diff", "a.dat", 0, "w", "c7", "c7" },
		{ "/db/diff/deep", "a.dat", 0, "w", "w", "w" }, /* the entry is not recursive */
		{ "/db/tree/deep", "a", 0, "w", "c0", "c0" },	/* no time of the writer: by our own record */
		{ "/new", "n.dat", -1, "w", "c9", "c9" },	/* B46: it adds files */
		{ "/new", "n.txt", -1, "-", "-", "-" }, { "/db", "big", 0, "w", "p", "p" },
		{ "/db", "bigger", 0, "w", "w", "w" }, { "/db/sub", "big", 0, "w", "w", "w" },
		{ "/log", "big.log", 1, "p", "p", "p" },	/* parts although the mask says no, or would take all */
		{ "/elsewhere", "x", -1, "p", "p", "p" },	/* B54 */
		{ "/db/diff", "both.dat", 0, "w", "c7", "c7" }, /* B55 */
	};
	static const enum vss_backup_type types[] = { VSS_BT_FULL, VSS_BT_COPY, VSS_BT_INCREMENTAL, VSS_BT_DIFFERENTIAL,
		VSS_BT_LOG };
	struct world w;
	(void)state;
	make(&w);
	add_differenced(&w, "/db/diff", "*.dat", false, 7);
	add_differenced(&w, "/db/tree/", "*", true, 0);
	add_differenced(&w, "/new", "*.dat", false, 9);
	add_partial(&w, "/db/", "big", "0:1");
	add_partial(&w, "/log", "big.log", "0:1");
	add_partial(&w, "/elsewhere", "x", "0:1");
	add_partial(&w, "/db/diff", "both.dat", "0:1");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
			const char *expected = t < 2 ? rows[i].full : t < 4 ? rows[i].incremental : rows[i].log;
			const struct vss_fileset *set = rows[i].set < 0 ? NULL : &w.c->files[rows[i].set];
			struct vss_file_taken got =
				vss_file_take_of(w.stored, set, types[t], rows[i].dir, rows[i].name);
			print_message("%s/%s in %s\n", rows[i].dir, rows[i].name, vss_backup_type_word(types[t]));
			assert_int_equal("-wcp"[got.take], expected[0]);
			assert_int_equal(got.since_ns, got.take == VSS_FILE_CHANGED ? expected[1] - '0' : 0);
			assert_int_equal(got.partial != NULL, got.take == VSS_FILE_PARTS);
			if (got.partial)
				assert_string_equal(got.partial->name, rows[i].name);
		}
	clear(&w);
}

static void
note(void *ctx, const char *text)
{
	struct world *w = ctx;
	vss_buf_fmt(&w->said, "%s\n", text);
}

static void
expect(struct world *w, const char *said)
{
	size_t lines = 0;
	for (const char *p = said; *p; p++)
		lines += *p == '\n';
	assert_int_equal(vss_increment_check(w->m, w->c, w->stored, note, w), lines);
	assert_string_equal(w->said.data ? w->said.data : "", said);
	clear(w);
}

static void
what_is_in_order_is_not_told(void **state)
{
	struct world w;
	(void)state;
	make(&w);
	expect(&w, "");
	make(&w);
	add_differenced(&w, "/db/", "*", true, 1);   /* a file set, all of it */
	add_differenced(&w, "/sub", "*", false, 1);  /* one of a subcomponent: D13 */
	add_differenced(&w, "/new", "*.x", true, 1); /* new files */
	add_partial(&w, "/log", "big.log", "0:10,20:1");
	add_partial(&w, "/elsewhere", "x", "File=/var/ranges");
	expect(&w, "");
}

static void
differenced_files_that_break_the_rules_are_told(void **state)
{
	struct world w;
	(void)state;
	make(&w);
	w.m->schema = VSS_BS_INCREMENTAL;
	add_differenced(&w, "/db", "*", true, 1);
	expect(&w, "differenced files: the backup schema does not have last-modify\n");
	make(&w);
	add_differenced(&w, "/db", "*", false, 1);
	expect(&w, "differenced files * in /db: are not all of the file set * in /db\n");
	make(&w);
	add_differenced(&w, "/db/below", "*.x", false, 1);
	expect(&w, "differenced files *.x in /db/below: are not all of the file set * in /db\n");
	make(&w);
	add_differenced(&w, "/log", "b*", false, 1);
	expect(&w, "differenced files b* in /log: are not all of the file set *.log in /log\n");
	make(&w);
	add_differenced(&w, "/other/x", "*", false, 1);
	expect(&w, "differenced files * in /other/x: are of component /other\n");
	make(&w);
	add_differenced(&w, "/other", "*", true, 1);
	expect(&w, "differenced files * in /other: are of component /other\n");
	make(&w);
	add_differenced(&w, "/", "a", true, 1);
	expect(&w, "differenced files a in /: are not all of the file set * in /sub\n"
		   "differenced files a in /: are of component /other\n");
}

static void
partial_files_that_break_the_rules_are_told(void **state)
{
	struct world w;
	(void)state;
	make(&w);
	add_partial(&w, "/log", "*.log", "0:1");
	add_partial(&w, "/log", "a/b", "0:1");
	add_partial(&w, "/log", "", "0:1");
	expect(&w, "partial file *.log in /log: not the name of one file\n"
		   "partial file a/b in /log: not the name of one file\n"
		   "partial file  in /log: not the name of one file\n");
	make(&w);
	add_partial(&w, "/log", "a", "0:0");
	add_partial(&w, "/log", "b", NULL);
	add_partial(&w, "/log", "c", "File=relative");
	expect(&w, "partial file /log/a: ranges: number 1 is empty\n"
		   "partial file /log/b: ranges: number 1 is not OFFSET:LENGTH\n"
		   "partial file /log/c: ranges: number 1 is not OFFSET:LENGTH\n");
	make(&w);
	add_partial(&w, "/log", "a", "0:1");
	add_partial(&w, "/log/", "a", "1:1");
	expect(&w, "partial file /log//a: named twice\n");
	make(&w);
	add_differenced(&w, "/db", "*", true, 1);
	add_partial(&w, "/db", "a", "0:1");
	expect(&w, "partial file /db/a: is among the differenced files, too\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differenced_files_come_before_partial_ones_and_those_before_the_mask),
		cmocka_unit_test(what_is_in_order_is_not_told),
		cmocka_unit_test(differenced_files_that_break_the_rules_are_told),
		cmocka_unit_test(partial_files_that_break_the_rules_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
