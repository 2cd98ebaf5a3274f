/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/set.h"

#include "base/mem.h"

static void
copy_shadow(struct vss_shadow *to, const struct vss_shadow *from)
{
	*to = *from;
	to->volume = vss_strdup(from->volume);
	to->volume_id = vss_strdup(from->volume_id);
	to->subpath = vss_strdup(from->subpath);
	to->source = vss_strdup(from->source);
	to->fstype = vss_strdup(from->fstype);
	to->fs_uuid = vss_strdup(from->fs_uuid);
	to->provider = vss_strdup(from->provider);
	to->device = vss_strdup(from->device);
	to->place = vss_strdup(from->place);
	to->domain = vss_strdup(from->domain);
	to->proof_key = vss_strdup(from->proof_key);
	to->exposed = vss_strdup(from->exposed);
	to->share = vss_strdup(from->share);
}

static void
copy_writer(struct vss_set_writer *to, const struct vss_set_writer *from)
{
	*to = *from;
	to->name = vss_strdup(from->name);
	to->message = vss_strdup(from->message);
	to->evidence = NULL;
	to->nevidence = to->cevidence = 0;
	for (size_t i = 0; i < from->nevidence; i++)
		vss_set_writer_evidence(to, from->evidence[i].key, from->evidence[i].value);
}

struct vss_set *
vss_set_copy(const struct vss_set *from)
{
	struct vss_set *to = vss_set_new();

	*to = *from;
	to->host = vss_strdup(from->host);
	to->note = vss_strdup(from->note);
	to->tag = vss_strdup(from->tag);
	to->cgroups = (struct vss_strv)VSS_STRV_INIT;
	for (size_t i = 0; i < from->cgroups.n; i++)
		vss_strv_add(&to->cgroups, from->cgroups.v[i]);
	to->shadows = NULL;
	to->nshadows = to->cshadows = 0;
	to->writers = NULL;
	to->nwriters = to->cwriters = 0;
	to->documents = NULL;
	to->ndocuments = to->cdocuments = 0;
	to->ledger = NULL;
	to->nledger = to->cledger = 0;
	for (size_t i = 0; i < from->nshadows; i++)
		copy_shadow(vss_set_add_shadow(to), &from->shadows[i]);
	for (size_t i = 0; i < from->nwriters; i++)
		copy_writer(vss_set_add_writer(to), &from->writers[i]);
	for (size_t i = 0; i < from->ndocuments; i++)
		vss_set_add_document(to, from->documents[i].name, from->documents[i].text);
	for (size_t i = 0; i < from->nledger; i++)
		vss_set_add_stamp(to, from->ledger[i].who, from->ledger[i].what, from->ledger[i].at_ns);
	return to;
}
