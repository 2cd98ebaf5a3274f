/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/set.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

struct vss_set *
vss_set_new(void)
{
	struct vss_set *s = vss_alloc(sizeof *s);

	s->skew_ns = -1;
	return s;
}

static void
shadow_clear(struct vss_shadow *s)
{
	free(s->volume);
	free(s->volume_id);
	free(s->subpath);
	free(s->source);
	free(s->fstype);
	free(s->fs_uuid);
	free(s->provider);
	free(s->device);
	free(s->place);
	free(s->domain);
	free(s->proof_key);
	free(s->exposed);
	free(s->share);
}

static void
writer_clear(struct vss_set_writer *w)
{
	free(w->name);
	free(w->message);
	for (size_t i = 0; i < w->nevidence; i++) {
		free(w->evidence[i].key);
		free(w->evidence[i].value);
	}
	free(w->evidence);
}

void
vss_set_clear_documents(struct vss_set *s)
{
	for (size_t i = 0; i < s->ndocuments; i++) {
		free(s->documents[i].name);
		free(s->documents[i].text);
	}
	free(s->documents);
	s->documents = NULL;
	s->ndocuments = s->cdocuments = 0;
}

void
vss_set_free(struct vss_set *s)
{
	if (!s)
		return;
	free(s->host);
	free(s->note);
	free(s->tag);
	vss_strv_free(&s->cgroups);
	for (size_t i = 0; i < s->nshadows; i++)
		shadow_clear(&s->shadows[i]);
	free(s->shadows);
	for (size_t i = 0; i < s->nwriters; i++)
		writer_clear(&s->writers[i]);
	free(s->writers);
	vss_set_clear_documents(s);
	for (size_t i = 0; i < s->nledger; i++) {
		free(s->ledger[i].who);
		free(s->ledger[i].what);
	}
	free(s->ledger);
	free(s);
}

struct vss_shadow *
vss_set_add_shadow(struct vss_set *s)
{
	VSS_PUSH(s->shadows, s->nshadows, s->cshadows) = (struct vss_shadow){ 0 };
	return &s->shadows[s->nshadows - 1];
}

void
vss_set_add_document(struct vss_set *s, const char *name, const char *text)
{
	VSS_PUSH(s->documents, s->ndocuments, s->cdocuments) =
		(struct vss_set_document){ .name = vss_strdup(name), .text = vss_strdup(text) };
}

struct vss_set_writer *
vss_set_add_writer(struct vss_set *s)
{
	VSS_PUSH(s->writers, s->nwriters, s->cwriters) = (struct vss_set_writer){ 0 };
	return &s->writers[s->nwriters - 1];
}

void
vss_set_writer_evidence(struct vss_set_writer *w, const char *key, const char *value)
{
	VSS_PUSH(w->evidence, w->nevidence, w->cevidence) = (struct vss_evidence){ vss_strdup(key), vss_strdup(value) };
}

void
vss_set_stamp(struct vss_set *s, const char *who, const char *what)
{
	int64_t now = vss_now_mono();

	if (!s->nledger)
		s->ledger_zero = now;
	vss_set_add_stamp(s, who, what, now - s->ledger_zero);
}

void
vss_set_add_stamp(struct vss_set *s, const char *who, const char *what, int64_t at_ns)
{
	struct vss_ledger_entry e = { vss_strdup(who), vss_strdup(what), at_ns };
	size_t i = s->nledger;

	VSS_PUSH(s->ledger, s->nledger, s->cledger) = e;
	for (; i > 0 && s->ledger[i - 1].at_ns > at_ns; i--)
		s->ledger[i] = s->ledger[i - 1];
	s->ledger[i] = e;
}

void
vss_set_remove_shadow(struct vss_set *s, size_t i)
{
	shadow_clear(&s->shadows[i]);
	s->nshadows--;
	memmove(&s->shadows[i], &s->shadows[i + 1], (s->nshadows - i) * sizeof *s->shadows);
}

void
vss_set_list_free(struct vss_set_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		vss_set_free(l->v[i]);
	free(l->v);
	*l = (struct vss_set_list){ 0 };
}

static int
by_age(const void *a, const void *b)
{
	const struct vss_set *x = *(struct vss_set *const *)a, *y = *(struct vss_set *const *)b;

	if (x->created_ns != y->created_ns)
		return x->created_ns < y->created_ns ? -1 : 1;
	return vss_uuid_cmp(&x->id, &y->id);
}

void
vss_set_list_sort(struct vss_set_list *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, by_age);
}
