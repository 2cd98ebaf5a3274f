/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host of the writers by hand, for tests of writers below the session.
 *
 *	writers_driver [--scratch DIR] STEP...
 *		EVENT			raised to all writers ("freeze"); identify has been by then
 *		wait=MS			the host's wait while writers are frozen
 *		run=COMMAND		of the shell, to its end
 *		with=WORD,WORD...	an argument line for the events that follow, KEY=VALUE last (none: with=); \WORD is no pair
 *	Each writer gives a line after each event:	EVENT REGISTRATION STATE ERROR HOLD [MESSAGE]
 *	and each statement one:				- WORD...
 *	after wait:					wait fd|deadline|writer|interrupt [REGISTRATION]
 *	and at first what identify said:		component REGISTRATION LOGICAL-PATH NAME; file DIR SPEC
 */
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/child.h"
#include "writer/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *with = "";

static void
print_identity(const struct vss_writer *w)
{
	const struct vss_metadata *m = w->metadata;

	for (size_t i = 0; m && i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];

		printf("component %s %s %s\n", w->registration, c->logical_path && *c->logical_path ? c->logical_path : "-", c->name);
		for (size_t j = 0; j < c->nfiles; j++)
			printf("file %s %s\n", c->files[j].path, c->files[j].spec);
	}
}

static void
print_writer(const char *event, const struct vss_writer *w)
{
	const char *error = vss_code_name(w->error);

	printf("%s %s %s %s %s %s\n", event, w->registration, vss_writer_state_name(w->state), error ? error : "none",
		vss_hold_word(w->hold), w->message ? w->message : "");
	for (size_t i = 0; i < w->nstatements && strcmp(event, "identify") != 0; i++) {
		printf("-");
		for (size_t j = 0; j < w->statements[i].nwords; j++)
			printf(" %s", w->statements[i].words[j]);
		printf("\n");
	}
}

static void
print_all(struct vss_writers *ws, const char *event)
{
	for (size_t i = 0; i < vss_writers_count(ws); i++)
		print_writer(event, vss_writers_at(ws, i));
	fflush(stdout);
}

static void
arguments(void *ctx, const struct vss_writer *w, struct vss_buf *out)
{
	(void)ctx;
	(void)w;
	const char *p = with;
	for (bool first = true; *p; p += strcspn(p, ","), p += *p == ',', first = false) {
		VSS_AUTOFREE char *word = vss_strndup(p, strcspn(p, ","));
		bool plain = first || word[0] == '\\';
		char *value = plain ? NULL : strchr(word, '=');

		if (value)
			*value++ = '\0';
		if (first)
			vss_line_begin(out, word);
		else if (value)
			vss_line_add_pair(out, word, value);
		else
			vss_line_add(out, word + (word[0] == '\\'));
	}
	if (*with)
		vss_line_end(out);
}

static int
step_event(struct vss_writers *ws, const char *name, struct vss_err *err)
{
	int event = vss_event_by_word(name);
	const struct vss_writers_event e = { .event = (enum vss_event)event, .args = arguments };

	if (event < 0)
		return vss_fail(err, VSS_USAGE, 0, "%s: not a step", name);
	if (vss_writers_raise(ws, &e, err) != 0)
		return -1;
	print_all(ws, name);
	return 0;
}

static int
step_wait(struct vss_writers *ws, const char *ms, struct vss_err *err)
{
	static const char *const words[] = { "fd", "deadline", "writer", "interrupt" };
	struct vss_writer *who;
	uint64_t n;

	if (vss_parse_u64(ms, &n) != 0)
		return vss_fail(err, VSS_USAGE, 0, "%s: not a number", ms);
	enum vss_wait r = vss_writers_wait(ws, -1, vss_now_mono() + (int64_t)n * VSS_MS, &who);
	printf("wait %s%s%s\n", words[r], who ? " " : "", who ? who->registration : "");
	if (who)
		print_writer("wait", who);
	fflush(stdout);
	return 0;
}

static int
step_run(const char *command, struct vss_err *err)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };
	struct vss_buf out = VSS_BUF_INIT;
	int r = vss_run(argv, 120000, 1 << 20, &out, err);

	printf("%s", out.data ? out.data : "");
	vss_buf_free(&out);
	return r;
}

static int
step(struct vss_writers *ws, const char *word, struct vss_err *err)
{
	if (vss_str_starts(word, "wait="))
		return step_wait(ws, word + 5, err);
	if (vss_str_starts(word, "run="))
		return step_run(word + 4, err);
	if (!vss_str_starts(word, "with="))
		return step_event(ws, word, err);
	with = word + 5;
	return 0;
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_writers_options o = { 0 };
	int first = 1, r = 0;

	if (argc > 2 && strcmp(argv[1], "--scratch") == 0) {
		o.scratch_dir = argv[2];
		first = 3;
	}
	struct vss_writers *ws = vss_writers_start(&o, &err);
	if (ws)
		print_all(ws, "identify");
	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		print_identity(vss_writers_at(ws, i));
		vss_writers_at(ws, i)->taking_part = true;
	}
	for (int i = first; ws && i < argc && r == 0; i++)
		r = step(ws, argv[i], &err);
	vss_writers_end(ws);
	if (ws && r == 0)
		return 0;
	fprintf(stderr, "writers_driver: %s\n", err.text);
	return 1;
}
