/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* S80, and what other requests may be answered with. */
static const struct {
	const char *word;
	enum vss_code code;
} allowed[] = {
	{ "E_OUTOFMEMORY", VSS_SYSTEM },
	{ "E_INVALIDARG", VSS_INVALID },
	{ "E_ACCESSDENIED", VSS_DENIED },
	{ "VSS_E_BAD_STATE", VSS_E_BAD_STATE },
	{ "VSS_E_OBJECT_NOT_FOUND", VSS_E_OBJECT_NOT_FOUND },
	{ "VSS_E_INSUFFICIENT_STORAGE", VSS_E_INSUFFICIENT_STORAGE },
	{ "VSS_E_VOLUME_NOT_SUPPORTED", VSS_E_VOLUME_NOT_SUPPORTED },
	{ "VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER", VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER },
	{ "VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED", VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED },
	{ "VSS_E_PROVIDER_VETO", VSS_E_PROVIDER_VETO },
	{ "VSS_E_UNSUPPORTED_CONTEXT", VSS_E_UNSUPPORTED_CONTEXT },
	{ "VSS_E_VOLUME_IN_USE", VSS_E_VOLUME_IN_USE },
};

int
external_breach(struct vss_err *err)
{
	if (err->code == VSS_PROTOCOL)
		err->code = VSS_E_UNEXPECTED_PROVIDER_ERROR;
	return -1;
}

void
external_drop_answer(struct external_talk *t)
{
	for (size_t i = 0; i < t->nsaid; i++)
		vss_line_clear(&t->said[i]);
	free(t->said);
	t->said = NULL;
	t->nsaid = t->csaid = 0;
	vss_line_clear(&t->answer);
}

bool
external_flag(const struct external_talk *t, const char *key)
{
	return vss_line_flag(&t->answer, key, false);
}

/* `fail SEQ CODE ["message"]` */
static int
take_failure(struct external_talk *t, enum external_event asked, const struct vss_line *l, struct vss_err *err)
{
	const char *word = vss_line_word(l, 2), *said = vss_line_word(l, 3);

	if (!word)
		return vss_fail(err, VSS_PROTOCOL, 0, "a failure without a code");
	VSS_AUTOFREE char *message = vss_escaped(said && *said ? said : "it says no more");
	t->failed = true;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		if (strcmp(allowed[i].word, word) != 0)
			continue;
		vss_fail(err, allowed[i].code, 0, "%s", message);
		return 1;
	}
	VSS_AUTOFREE char *code = vss_escaped(word);
	vss_debug("%s: %s: failed with %s", t->label, external_event_word(asked), code);
	vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "%s (it failed with %s)", message, code);
	return 1;
}

/* What may be said before the answer is copies: where one is, or which there are. */
static int
take_statement(struct external_talk *t, enum external_event asked, struct vss_line *l, struct vss_err *err)
{
	const char *id = vss_line_word(l, 1);
	struct vss_uuid shadow;

	if (asked != EXTERNAL_COMMIT && asked != EXTERNAL_LIST)
		return vss_fail(
			err, VSS_PROTOCOL, 0, "nothing but an answer is expected to %s", external_event_word(asked));
	if (strcmp(vss_line_word(l, 0), "copy") != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: not a statement", vss_line_word(l, 0));
	if (!id || vss_uuid_parse(id, &shadow) != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "copy: a UUID is expected");
	VSS_PUSH(t->said, t->nsaid, t->csaid) = *l;
	*l = (struct vss_line)VSS_LINE_INIT;
	return 0;
}

static int
take(struct external_talk *t, enum external_event asked, struct vss_line *l, struct vss_err *err)
{
	const char *word = vss_line_word(l, 0), *number = vss_line_word(l, 1);
	bool ok = strcmp(word, "ok") == 0;
	uint64_t seq;

	if (!ok && strcmp(word, "fail") != 0)
		return take_statement(t, asked, l, err);
	if (!number || vss_parse_u64(number, &seq) != 0 || seq != t->seq)
		return vss_fail(err, VSS_PROTOCOL, 0, "an answer to something else");
	if (!ok)
		return take_failure(t, asked, l, err);
	vss_line_clear(&t->answer);
	t->answer = *l;
	*l = (struct vss_line)VSS_LINE_INIT;
	return 1;
}

int
external_take_line(struct external_talk *t, enum external_event asked, const char *text, size_t n, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;

	if (vss_line_parse(text, n, &l, err) != 0)
		return -1;
	int r = take(t, asked, &l, err);
	vss_line_clear(&l);
	return r;
}
