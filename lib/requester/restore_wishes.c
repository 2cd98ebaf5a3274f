/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_writers.h"

#include "base/mem.h"
#include "model/named.h"

#include <stdlib.h>
#include <string.h>

/* WRITER[:/LOGICAL/PATH/NAME], with =TEXT behind it where a text is wanted. */
struct wish {
	const char *option;
	struct vss_named named;
	const char *text;
};
struct wishing {
	struct vss_comeback *c;
	struct vss_session_restore_wishes *wishes; /* by component */
	int (*apply)(struct vss_session_restore_wishes *to, const struct wish *w, struct vss_err *err);
};

static int
refuse_twice(const struct wish *w, struct vss_err *err)
{
	return vss_fail(
		err, VSS_USAGE, 0, "%s: says two things of one component of writer \"%s\"", w->option, w->named.writer);
}

static int
apply_options(struct vss_session_restore_wishes *to, const struct wish *w, struct vss_err *err)
{
	if (to->options)
		return refuse_twice(w, err);
	to->options = w->text;
	return 0;
}

static int
apply_authoritative(struct vss_session_restore_wishes *to, const struct wish *w, struct vss_err *err)
{
	(void)w;
	(void)err;
	to->authoritative = true;
	return 0;
}

static int
apply_roll_forward(struct vss_session_restore_wishes *to, const struct wish *w, struct vss_err *err)
{
	bool none = strcmp(w->text, "none") == 0, all = strcmp(w->text, "all") == 0;

	if (to->rollforward != VSS_RF_UNDEFINED)
		return refuse_twice(w, err);
	to->rollforward = none ? VSS_RF_NONE : all ? VSS_RF_ALL : VSS_RF_PARTIAL;
	to->rollforward_point = none || all ? NULL : w->text;
	return 0;
}

static int
apply_name(struct vss_session_restore_wishes *to, const struct wish *w, struct vss_err *err)
{
	if (to->restore_name)
		return refuse_twice(w, err);
	to->restore_name = w->text;
	return 0;
}

static bool
is_meant(const struct vss_comeback *c, const struct vss_returning *r, const struct wish *w)
{
	for (size_t i = 0; i < c->nstored; i++) {
		const struct vss_stored *s = &c->stored[i];
		if (s->writer != r->writer || !vss_stored_is(s, w->named.writer))
			continue;
		if (!w->named.component)
			return true;
		VSS_AUTOFREE bool *marks = vss_alloc((s->metadata->ncomponents + 1) * sizeof *marks);
		return vss_named_mark(s->metadata, w->named.component, marks) && marks[r->index];
	}
	return false;
}

static int
apply_wish(struct wishing *x, const struct wish *w, struct vss_err *err)
{
	bool found = false;

	for (size_t i = 0; i < x->c->n; i++) {
		if (!x->c->v[i].hears || !is_meant(x->c, &x->c->v[i], w))
			continue;
		found = true;
		if (x->apply(&x->wishes[i], w, err) < 0)
			return -1;
	}
	if (found || x->c->more) /* who is not asked for this archive may be for the next */
		return 0;
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: writer \"%s\" is not asked to restore %s", w->option,
		w->named.writer, w->named.component ? w->named.component : "anything");
}

static int
apply_words(struct wishing *x, const char *option, const struct vss_strv *words, bool text, struct vss_err *err)
{
	for (size_t i = 0; words && i < words->n; i++) {
		const char *word = words->v[i], *equals = text ? strchr(word, '=') : word + strlen(word);
		struct wish w = { .option = option };
		if (!equals || (text && !equals[1]))
			return vss_fail(err, VSS_USAGE, 0, "%s: '%s' has no text behind a '='", option, word);
		VSS_AUTOFREE char *name = vss_strndup(word, (size_t)(equals - word));
		vss_named_parse(&w.named, name);
		w.text = text ? equals + 1 : NULL;
		int rc = apply_wish(x, &w, err);
		vss_named_clear(&w.named);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
collect(struct wishing *x, const struct vss_restore_request *q, struct vss_err *err)
{
	x->apply = apply_options;
	if (apply_words(x, "--restore-options", q->options, true, err) < 0)
		return -1;
	x->apply = apply_authoritative;
	if (apply_words(x, "--authoritative", q->authoritative, false, err) < 0)
		return -1;
	x->apply = apply_roll_forward;
	if (apply_words(x, "--roll-forward", q->roll_forward, true, err) < 0)
		return -1;
	x->apply = apply_name;
	return apply_words(x, "--restore-name", q->restore_names, true, err);
}

int
vss_comeback_wish(struct vss_comeback *c, const struct vss_restore_request *q, struct vss_err *err)
{
	VSS_AUTOFREE struct vss_session_restore_wishes *wishes = vss_alloc((c->n + 1) * sizeof *wishes);
	struct wishing x = { .c = c, .wishes = wishes };

	if (collect(&x, q, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct vss_returning *r = &c->v[i];
		wishes[i].additional_restores = c->more;
		if (r->hears && vss_session_set_restore_wishes(c->session, &r->writer->writer_id,
					r->component->logical_path, r->component->name, &wishes[i], err) < 0)
			return vss_wrap(err, "writer \"%s\"", r->writer->name);
	}
	return 0;
}
