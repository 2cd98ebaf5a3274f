/* SPDX-License-Identifier: BSD-2-Clause */
#include "script.h"

#include "actions.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_BYTES = 1 << 20, COUNTS_BYTES = 1 << 20 };

static const char *const event_names[] = { "hello", "identify", "prepare-backup", "prepare-snapshot", "freeze", "thaw",
	"post-snapshot", "abort", "backup-complete", "backup-shutdown", "pre-restore", "post-restore", "bye" };

static const char *const statement_names[] = { "writer", "restore-method", "backup-schema", "component", "file",
	"database-file", "log-file", "dependency", "exclude", "exclude-from-snapshot", "alternate-location" };

static bool
is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}
#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof *(names))

static int
take_text(char **to, const char *value, struct vss_err *err)
{
	if (!value)
		return vss_fail(err, VSS_INVALID, 0, "a word is missing");
	if (*to)
		return vss_fail(err, VSS_INVALID, 0, "stands twice");
	*to = vss_strdup(value);
	return 0;
}

static int
take_hold(struct script *s, const struct vss_line *l, struct vss_err *err)
{
	if (take_text(&s->hold, vss_line_word(l, 1), err) != 0)
		return -1;
	s->commits = vss_strdup(vss_line_get(l, "commits"));
	s->confirmed = vss_strdup(vss_line_get(l, "confirmed"));
	return 0;
}

/* `*l` is the rule's from now on when it is taken. */
static int
take_rule(struct script *s, struct vss_line *l, size_t number, struct vss_err *err)
{
	const char *event = vss_line_word(l, 1), *action = vss_line_word(l, 2), *first = vss_line_get(l, "first");
	uint64_t n = 0;

	if (!event || !IS_ONE_OF(event, event_names))
		return vss_fail(err, VSS_INVALID, 0, "at: an event is expected");
	if (!action || !action_is_known(action, l->nwords - 3))
		return vss_fail(err, VSS_INVALID, 0, "at %s: not an action, or not the words that it needs", event);
	if (first && (vss_parse_u64(first, &n) != 0 || n == 0))
		return vss_fail(err, VSS_INVALID, 0, "first=%s: not a number of times", first);
	VSS_PUSH(s->rules, s->nrules, s->crules) = (struct script_rule){ *l, event, action, n, number };
	*l = (struct vss_line)VSS_LINE_INIT;
	return 0;
}

static int
take_line(struct script *s, struct vss_line *l, size_t number, struct vss_err *err)
{
	const char *word = vss_line_word(l, 0);

	if (strcmp(word, "at") == 0)
		return take_rule(s, l, number, err);
	if (strcmp(word, "hold") == 0)
		return take_hold(s, l, err);
	if (strcmp(word, "log") == 0)
		return take_text(&s->log, vss_line_word(l, 1), err);
	if (strcmp(word, "counts") == 0)
		return take_text(&s->counts, vss_line_word(l, 1), err);
	if (!IS_ONE_OF(word, statement_names))
		return vss_fail(err, VSS_INVALID, 0, "neither a statement of identify nor at, hold, log, counts");
	VSS_PUSH(s->statements, s->nstatements, s->cstatements) = *l;
	*l = (struct vss_line)VSS_LINE_INIT;
	return 0;
}

static int
take_text_line(struct script *s, const char *text, size_t number, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;

	if (*text == '\0' || *text == '#')
		return 0;
	int r = vss_line_parse(text, strlen(text), &l, err);
	if (r == 0 && take_line(s, &l, number, err) != 0)
		r = vss_wrap(err, "%s", text);
	vss_line_clear(&l);
	return r;
}

/* A process lives for one session only: what is counted over several of them needs a file. */
static int
check(const struct script *s, const char *path, struct vss_err *err)
{
	for (size_t i = 0; i < s->nrules; i++)
		if (s->rules[i].first > 0 && !s->counts)
			return vss_fail(err, VSS_INVALID, 0, "%s: first= needs a line `counts FILE`", path);
	return 0;
}

int
script_read(const char *path, struct script *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	size_t number = 0;

	if (vss_read_file(path, SCRIPT_BYTES, &text, err) != 0)
		return -1;
	char *next = text.data;
	for (char *line; text.len > 0 && (line = strsep(&next, "\n"));) {
		number++;
		if (take_text_line(out, line, number, err) == 0)
			continue;
		err->code = VSS_INVALID;
		return vss_wrap(err, "%s: line %zu", path, number);
	}
	return check(out, path, err);
}

void
script_free(struct script *s)
{
	for (size_t i = 0; i < s->nstatements; i++)
		vss_line_clear(&s->statements[i]);
	for (size_t i = 0; i < s->nrules; i++)
		vss_line_clear(&s->rules[i].line);
	free(s->statements);
	free(s->rules);
	free(s->hold);
	free(s->commits);
	free(s->confirmed);
	free(s->log);
	free(s->counts);
	*s = (struct script){ 0 };
}

/* How often this line of the script had its turn: the counts file has a line for each. */
static unsigned long
times_done(const char *counts, const char *entry)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	unsigned long n = 0;

	if (vss_read_file(counts, COUNTS_BYTES, &text, &err) != 0)
		return 0;
	char *next = text.data;
	for (const char *line; text.len > 0 && (line = strsep(&next, "\n"));)
		n += strcmp(line, entry) == 0;
	return n;
}

static void
note_turn(const char *counts, const char *entry)
{
	VSS_AUTOFREE char *line = vss_strf("%s\n", entry);
	struct vss_err err = VSS_ERR_INIT;
	int fd = open(counts, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || vss_write_all(fd, line, strlen(line), &err) != 0 || close(fd) != 0)
		abort(); /* a test that counts must not be answered by a guess */
}

bool
script_turn(const struct script *s, const struct script_rule *r)
{
	if (r->first == 0)
		return true;
	VSS_AUTOFREE char *entry = vss_strf("%zu", r->number);
	if (times_done(s->counts, entry) >= r->first)
		return false;
	note_turn(s->counts, entry);
	return true;
}
