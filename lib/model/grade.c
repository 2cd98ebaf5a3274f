/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/grade.h"

#include "base/str.h"
#include "model/term_internal.h"

#include <stddef.h>

static const struct vss_term grades[] = {
	[VSS_GRADE_NONE] = { NULL, "none" },
	[VSS_GRADE_LIVE] = { NULL, "live" },
	[VSS_GRADE_FUZZY] = { NULL, "fuzzy" },
	[VSS_GRADE_ORDERED] = { NULL, "ordered" },
	[VSS_GRADE_CRASH] = { NULL, "crash" },
	[VSS_GRADE_RECOVERABLE] = { NULL, "recoverable" },
	[VSS_GRADE_APPLICATION] = { NULL, "application" },
};
static const struct vss_term instants[] = {
	[VSS_INSTANT_ONE] = { NULL, "one" },
	[VSS_INSTANT_MANY] = { NULL, "many" },
	[VSS_INSTANT_FUZZY] = { NULL, "fuzzy" },
};
static const struct vss_term holds[] = {
	[VSS_HOLD_NONE] = { NULL, "none" },
	[VSS_HOLD_FILES] = { NULL, "files" },
	[VSS_HOLD_LOG] = { NULL, "log" },
	[VSS_HOLD_BRACKET] = { NULL, "bracket" },
	[VSS_HOLD_EXPORT] = { NULL, "export" },
};

const char *
vss_grade_word(enum vss_grade g)
{
	return vss_term_word(VSS_TERMS(grades), (int)g);
}

int
vss_grade_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(grades), w);
}

const char *
vss_instant_word(enum vss_instant i)
{
	/* a number that is no instant must not read as the best one */
	return (unsigned)i > VSS_INSTANT_FUZZY ? "fuzzy" : instants[i].word;
}

int
vss_instant_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(instants), w);
}

const char *
vss_hold_word(enum vss_hold h)
{
	return vss_term_word(VSS_TERMS(holds), (int)h);
}

int
vss_hold_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(holds), w);
}

/* The three columns of the table. */
struct row {
	enum vss_grade one, many, fuzzy;
};

static enum vss_grade
column(struct row row, enum vss_instant instant)
{
	switch (instant) {
	case VSS_INSTANT_ONE:
		return row.one;
	case VSS_INSTANT_MANY:
		return row.many;
	default:
		return row.fuzzy;
	}
}

/* What the copies are by themselves, whatever a writer says. */
static const struct row bare = { VSS_GRADE_CRASH, VSS_GRADE_ORDERED, VSS_GRADE_FUZZY };

enum vss_grade
vss_grade_of(const struct vss_grade_facts *f)
{
	struct row row = bare;
	enum vss_hold hold = f->writer && !f->writer_failed ? f->hold : VSS_HOLD_NONE;

	switch (hold) {
	case VSS_HOLD_NONE:
		break;
	case VSS_HOLD_FILES: /* a hold says nothing about a copy made outside it, not even about a single one */
		if (f->in_window)
			row = (struct row){ VSS_GRADE_APPLICATION, VSS_GRADE_APPLICATION, VSS_GRADE_APPLICATION };
		break;
	case VSS_HOLD_LOG:
		row.one = f->commits_stopped && f->in_window ? VSS_GRADE_APPLICATION : VSS_GRADE_RECOVERABLE;
		break;
	case VSS_HOLD_BRACKET: /* unconfirmed: the log that it needs may be missing */
		if (f->confirmed)
			row = (struct row){ VSS_GRADE_RECOVERABLE, VSS_GRADE_RECOVERABLE, VSS_GRADE_RECOVERABLE };
		break;
	case VSS_HOLD_EXPORT:
		if (f->confirmed)
			row = (struct row){ VSS_GRADE_APPLICATION, VSS_GRADE_APPLICATION, VSS_GRADE_APPLICATION };
		break;
	}
	return column(row, f->instant);
}

static bool
same_commit(const struct vss_instant_facts *a, const struct vss_instant_facts *b)
{
	return a->domain && b->domain && vss_str_eq(a->domain, b->domain) && a->mark == b->mark;
}

/* The same at every moment that matters. */
bool
vss_instant_is_any(const struct vss_instant_facts *v)
{
	return v->held || v->stopped || (v->still && !v->fuzzy);
}

enum vss_instant
vss_instant_of(const struct vss_instant_facts *volumes, unsigned n)
{
	const struct vss_instant_facts *commit = NULL; /* the one commit that was not held */
	bool many = false;

	for (unsigned i = 0; i < n; i++) {
		const struct vss_instant_facts *v = &volumes[i];
		if (v->fuzzy && !v->still)
			return VSS_INSTANT_FUZZY;
		if (vss_instant_is_any(v))
			continue;
		if (v->fuzzy) {
			many = true; /* nothing changed while it was looked at: each file has its instant, no more is
					known */
			continue;
		}
		if (commit && !same_commit(commit, v))
			many = true;
		commit = v;
	}
	return many ? VSS_INSTANT_MANY : VSS_INSTANT_ONE;
}
