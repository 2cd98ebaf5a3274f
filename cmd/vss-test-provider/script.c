/* SPDX-License-Identifier: BSD-2-Clause */
#include "script.h"

#include "actions.h"

#include "base/mem.h"
#include "os/durable.h"

#include <stdlib.h>
#include <string.h>

enum { SCRIPT_BYTES = 1 << 20 };

static const char *const event_names[] = { "hello", "volume", "check", "plan", "begin", "prepare", "pre-commit",
	"commit", "post-commit", "final-commit", "abort", "surface", "unsurface", "exists", "delete", "list", "use",
	"revert", "bye", "release" };

static bool
is_event(const char *name)
{
	for (size_t i = 0; name && i < sizeof event_names / sizeof *event_names; i++)
		if (strcmp(event_names[i], name) == 0)
			return true;
	return false;
}

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

/* `*l` is the script's from now on when it is taken. */
static int
take_rule(struct script *s, struct vss_line *l, struct vss_err *err)
{
	const char *event = vss_line_word(l, 1), *action = vss_line_word(l, 2), *when = vss_line_get(l, "when");

	if (!is_event(event))
		return vss_fail(err, VSS_INVALID, 0, "at: an event is expected");
	if (!action || !action_is_known(action, l->nwords - 3))
		return vss_fail(err, VSS_INVALID, 0, "at %s: not an action, or not the words that it needs", event);
	if (when && strcmp(when, "before") != 0 && strcmp(when, "after") != 0)
		return vss_fail(err, VSS_INVALID, 0, "when=%s: neither before nor after", when);
	VSS_PUSH(s->rules, s->nrules, s->crules) = (struct script_rule){ .line = *l,
		.event = event,
		.action = action,
		.unless = vss_line_get(l, "unless"),
		.after = vss_str_eq(when, "after") };
	*l = (struct vss_line)VSS_LINE_INIT;
	return 0;
}

static int
take_line(struct script *s, struct vss_line *l, struct vss_err *err)
{
	const char *word = vss_line_word(l, 0), *value = vss_line_word(l, 1);

	if (strcmp(word, "at") == 0)
		return take_rule(s, l, err);
	if (strcmp(word, "keep") == 0)
		return take_text(&s->keep, value, err);
	if (strcmp(word, "bid") == 0)
		return take_text(&s->bid, value, err);
	if (strcmp(word, "instant") == 0)
		return take_text(&s->instant, value, err);
	if (strcmp(word, "log") == 0)
		return take_text(&s->log, value, err);
	if (strcmp(word, "device") == 0)
		return take_text(&s->device, value, err);
	if (strcmp(word, "volume") == 0 && value) {
		vss_strv_add(&s->volumes, value);
		return 0;
	}
	if (strcmp(word, "can") != 0)
		return vss_fail(err, VSS_INVALID, 0, "none of keep, volume, bid, can, instant, log, device, at");
	vss_line_clear(&s->can);
	s->can = *l;
	*l = (struct vss_line)VSS_LINE_INIT;
	return 0;
}

static int
take_text_line(struct script *s, const char *text, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;

	if (*text == '\0' || *text == '#')
		return 0;
	int r = vss_line_parse(text, strlen(text), &l, err);
	if (r == 0 && take_line(s, &l, err) != 0)
		r = vss_wrap(err, "%s", text);
	vss_line_clear(&l);
	return r;
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
		if (take_text_line(out, line, err) == 0)
			continue;
		err->code = VSS_INVALID;
		return vss_wrap(err, "%s: line %zu", path, number);
	}
	return out->keep ? 0 : vss_fail(err, VSS_INVALID, 0, "%s: a line `keep DIR` is missing", path);
}

void
script_free(struct script *s)
{
	for (size_t i = 0; i < s->nrules; i++)
		vss_line_clear(&s->rules[i].line);
	free(s->rules);
	vss_line_clear(&s->can);
	vss_strv_free(&s->volumes);
	free(s->keep);
	free(s->bid);
	free(s->instant);
	free(s->log);
	free(s->device);
	*s = (struct script){ 0 };
}
