/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "doc/xml_internal.h"

#include <stdlib.h>

#define FORMAT_VERSION "1"

static void
write_cgroup(struct vss_xml_out *x, const char *path)
{
	vss_xml_start(x, "HELD_CGROUP");
	vss_xml_text_required(x, "path", path);
	vss_xml_end(x, "HELD_CGROUP");
}

static void
open_cgroup(struct vss_xml_element *e, void *set)
{
	VSS_AUTOFREE char *path = vss_xml_get(e, "path");

	vss_xml_require(e, "path");
	if (path)
		vss_strv_add(&((struct vss_set *)set)->cgroups, path);
}

/* --- shadow copies --- */

static void
write_shadow(struct vss_xml_out *x, const struct vss_shadow *s)
{
	vss_xml_start(x, "SHADOW_COPY");
	vss_xml_uuid_required(x, "id", &s->id);
	vss_xml_text_required(x, "volume", s->volume);
	vss_xml_text(x, "volumeId", s->volume_id);
	if (s->subpath && *s->subpath)
		vss_xml_text(x, "subpath", s->subpath);
	vss_xml_text(x, "source", s->source);
	vss_xml_text(x, "fsType", s->fstype);
	vss_xml_text(x, "fsUuid", s->fs_uuid);
	vss_xml_text_required(x, "provider", s->provider);
	vss_xml_text(x, "device", s->device);
	vss_xml_text(x, "place", s->place);
	vss_xml_u64(x, "attributes", s->attributes);
	vss_xml_plain(x, "grade", vss_grade_word(s->grade));
	vss_xml_plain(x, "instant", vss_instant_word(s->instant));
	vss_xml_text(x, "domain", s->domain);
	vss_xml_u64(x, "mark", s->mark);
	vss_xml_text(x, "proof", s->proof_key);
	if (s->proof_key)
		vss_xml_u64(x, "proofValue", s->proof_value);
	if (s->held)
		vss_xml_bool(x, "held", true);
	if (s->still)
		vss_xml_bool(x, "still", true);
	vss_xml_end(x, "SHADOW_COPY");
}

static void
open_shadow(struct vss_xml_element *e, void *set)
{
	struct vss_shadow *s = vss_set_add_shadow(set);
	static const char *const required[] = { "volume", "provider", "grade", "instant" };

	for (size_t i = 0; i < sizeof required / sizeof *required; i++)
		vss_xml_require(e, required[i]);
	vss_xml_get_id(e, "id", &s->id);
	vss_xml_get_text(e, "volume", &s->volume);
	vss_xml_get_text(e, "volumeId", &s->volume_id);
	vss_xml_get_text(e, "subpath", &s->subpath);
	vss_xml_get_text(e, "source", &s->source);
	vss_xml_get_text(e, "fsType", &s->fstype);
	vss_xml_get_text(e, "fsUuid", &s->fs_uuid);
	vss_xml_get_text(e, "provider", &s->provider);
	vss_xml_get_text(e, "device", &s->device);
	vss_xml_get_text(e, "place", &s->place);
	vss_xml_get_u32(e, "attributes", &s->attributes);
	s->grade = (enum vss_grade)vss_xml_get_word(e, "grade", vss_grade_by_word, XML_STRICT);
	s->instant = (enum vss_instant)vss_xml_get_word(e, "instant", vss_instant_by_word, XML_STRICT);
	vss_xml_get_text(e, "domain", &s->domain);
	vss_xml_get_u64(e, "mark", &s->mark);
	vss_xml_get_text(e, "proof", &s->proof_key);
	vss_xml_get_u64(e, "proofValue", &s->proof_value);
	vss_xml_get_bool(e, "held", &s->held);
	vss_xml_get_bool(e, "still", &s->still);
}

/* --- writers --- */

static void
write_writer(struct vss_xml_out *x, const struct vss_set_writer *w)
{
	vss_xml_start(x, "WRITER");
	vss_xml_uuid_required(x, "id", &w->id);
	vss_xml_uuid(x, "instanceId", &w->instance);
	vss_xml_text_required(x, "name", w->name);
	vss_xml_plain(x, "state", vss_writer_state_word(w->state));
	vss_xml_code(x, "error", w->error);
	vss_xml_text(x, "message", w->message);
	vss_xml_plain(x, "hold", vss_hold_word(w->hold));
	vss_xml_plain(x, "grade", vss_grade_word(w->grade));
	for (size_t i = 0; i < w->nevidence; i++) {
		vss_xml_start(x, "EVIDENCE");
		vss_xml_text_required(x, "key", w->evidence[i].key);
		vss_xml_text_required(x, "value", w->evidence[i].value);
		vss_xml_end(x, "EVIDENCE");
	}
	vss_xml_end(x, "WRITER");
}

static void
open_writer(struct vss_xml_element *e, void *set)
{
	struct vss_set_writer *w = vss_set_add_writer(set);

	vss_xml_require(e, "name");
	vss_xml_get_id(e, "id", &w->id);
	vss_xml_get_uuid(e, "instanceId", &w->instance);
	vss_xml_get_text(e, "name", &w->name);
	w->state = (enum vss_writer_state)vss_xml_get_word(e, "state", vss_writer_state_by_word, XML_STRICT);
	vss_xml_get_code(e, "error", &w->error);
	vss_xml_get_text(e, "message", &w->message);
	w->hold = (enum vss_hold)vss_xml_get_word(e, "hold", vss_hold_by_word, XML_STRICT);
	w->grade = (enum vss_grade)vss_xml_get_word(e, "grade", vss_grade_by_word, XML_STRICT);
}

static void
open_evidence(struct vss_xml_element *e, void *value)
{
	struct vss_set *set = value;
	VSS_AUTOFREE char *key = vss_xml_get(e, "key");
	VSS_AUTOFREE char *text = vss_xml_get(e, "value");

	vss_xml_require(e, "key");
	vss_xml_require(e, "value");
	if (key && text)
		vss_set_writer_evidence(&set->writers[set->nwriters - 1], key, text);
}

/* --- documents --- */

static void
write_document(struct vss_xml_out *x, const struct vss_set_document *d)
{
	vss_xml_start(x, "DOCUMENT");
	vss_xml_text_required(x, "name", d->name);
	vss_xml_text_required(x, "text", d->text);
	vss_xml_end(x, "DOCUMENT");
}

static void
open_document(struct vss_xml_element *e, void *set)
{
	VSS_AUTOFREE char *name = vss_xml_get(e, "name");
	VSS_AUTOFREE char *text = vss_xml_get(e, "text");

	vss_xml_require(e, "name");
	vss_xml_require(e, "text");
	if (name && text)
		vss_set_add_document(set, name, text);
}

/* --- the ledger --- */

static void
write_ledger(struct vss_xml_out *x, const struct vss_set *s)
{
	vss_xml_start(x, "LEDGER");
	for (size_t i = 0; i < s->nledger; i++) {
		vss_xml_start(x, "STAMP");
		vss_xml_text_required(x, "who", s->ledger[i].who);
		vss_xml_text_required(x, "what", s->ledger[i].what);
		vss_xml_i64(x, "ns", s->ledger[i].at_ns);
		vss_xml_end(x, "STAMP");
	}
	vss_xml_end(x, "LEDGER");
}

static void
open_stamp(struct vss_xml_element *e, void *set)
{
	VSS_AUTOFREE char *who = vss_xml_get(e, "who");
	VSS_AUTOFREE char *what = vss_xml_get(e, "what");
	int64_t at_ns = 0;

	vss_xml_require(e, "who");
	vss_xml_require(e, "what");
	vss_xml_require(e, "ns");
	vss_xml_get_i64(e, "ns", &at_ns);
	if (who && what)
		vss_set_add_stamp(set, who, what, at_ns);
}

/* --- the set --- */

/* A newer program may keep something here that matters: what it wrote is not half understood (M29). */
static void
check_version(struct vss_xml_element *e)
{
	VSS_AUTOFREE char *version = vss_xml_get(e, "version");

	vss_xml_require(e, "version");
	if (version && !vss_str_eq(version, FORMAT_VERSION))
		vss_xml_refuse_version(e, version, FORMAT_VERSION);
}

static void
open_set(struct vss_xml_element *e, void *value)
{
	struct vss_set *s = value;
	uint64_t frozen = 0;
	static const char *const required[] = { "created", "grade", "instant" };

	check_version(e);
	for (size_t i = 0; i < sizeof required / sizeof *required; i++)
		vss_xml_require(e, required[i]);
	vss_xml_get_id(e, "id", &s->id);
	vss_xml_get_time(e, "created", &s->created_ns);
	vss_xml_get_text(e, "host", &s->host);
	vss_xml_get_u32(e, "context", &s->context);
	s->instant = (enum vss_instant)vss_xml_get_word(e, "instant", vss_instant_by_word, XML_STRICT);
	s->grade = (enum vss_grade)vss_xml_get_word(e, "grade", vss_grade_by_word, XML_STRICT);
	vss_xml_get_u64(e, "freezeNs", &frozen);
	s->freeze_ms = (double)frozen / VSS_MS;
	vss_xml_get_i64(e, "skewNs", &s->skew_ns);
	vss_xml_get_i64(e, "heldNs", &s->held_ns);
	vss_xml_get_text(e, "note", &s->note);
	vss_xml_get_text(e, "tag", &s->tag);
	vss_xml_get_bool(e, "hold", &s->hold);
	vss_xml_get_uuid(e, "owner", &s->owner);
	vss_xml_get_u32(e, "count", &s->count);
}

/* Whole nanoseconds: a fraction in decimal would depend on the locale.  Below 2^53 of them nothing is lost in a double.
 */
static uint64_t
freeze_ns(const struct vss_set *s)
{
	return s->freeze_ms > 0 && s->freeze_ms < 1e9 ? (uint64_t)(s->freeze_ms * VSS_MS + 0.5) : 0;
}

int
vss_doc_write_set(const struct vss_set *s, struct vss_buf *out, struct vss_err *err)
{
	struct vss_xml_out x;

	vss_xml_begin(&x, out);
	vss_xml_start(&x, "SHADOW_COPY_SET");
	vss_xml_plain(&x, "xmlns", XML_OURS);
	vss_xml_plain(&x, "version", FORMAT_VERSION);
	vss_xml_uuid_required(&x, "id", &s->id);
	vss_xml_time(&x, "created", s->created_ns);
	vss_xml_text(&x, "host", s->host);
	vss_xml_u64(&x, "context", s->context);
	vss_xml_plain(&x, "instant", vss_instant_word(s->instant));
	vss_xml_plain(&x, "grade", vss_grade_word(s->grade));
	vss_xml_u64(&x, "freezeNs", freeze_ns(s));
	if (s->skew_ns >= 0)
		vss_xml_i64(&x, "skewNs", s->skew_ns);
	if (s->held_ns > 0)
		vss_xml_i64(&x, "heldNs", s->held_ns);
	vss_xml_text(&x, "note", s->note);
	vss_xml_text(&x, "tag", s->tag);
	vss_xml_bool(&x, "hold", s->hold);
	vss_xml_uuid(&x, "owner", &s->owner);
	vss_xml_u64(&x, "count", s->count);
	for (size_t i = 0; i < s->cgroups.n; i++)
		write_cgroup(&x, s->cgroups.v[i]);
	for (size_t i = 0; i < s->nshadows; i++)
		write_shadow(&x, &s->shadows[i]);
	for (size_t i = 0; i < s->nwriters; i++)
		write_writer(&x, &s->writers[i]);
	for (size_t i = 0; i < s->ndocuments; i++)
		write_document(&x, &s->documents[i]);
	write_ledger(&x, s);
	vss_xml_end(&x, "SHADOW_COPY_SET");
	return vss_xml_finish(&x, err);
}

enum { ROOT, CGROUP, SHADOW, WRITER, EVIDENCE, DOCUMENT, LEDGER, STAMP, KINDS };

static const struct vss_xml_kind kinds[KINDS] = {
	[ROOT] = { "SHADOW_COPY_SET", -1, open_set },
	[CGROUP] = { "HELD_CGROUP", ROOT, open_cgroup },
	[SHADOW] = { "SHADOW_COPY", ROOT, open_shadow },
	[WRITER] = { "WRITER", ROOT, open_writer },
	[EVIDENCE] = { "EVIDENCE", WRITER, open_evidence },
	[DOCUMENT] = { "DOCUMENT", ROOT, open_document },
	[LEDGER] = { "LEDGER", ROOT, NULL },
	[STAMP] = { "STAMP", LEDGER, open_stamp },
};

struct vss_set *
vss_doc_read_set(const void *data, size_t n, struct vss_err *err)
{
	static const struct vss_xml_grammar grammar = { XML_OURS, "shadow copy set", kinds, KINDS };
	struct vss_set *s = vss_set_new();

	if (vss_xml_read(data, n, &grammar, s, err) == 0)
		return s;
	vss_set_free(s);
	return NULL;
}
