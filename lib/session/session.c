/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"
#include "os/lock.h"

#include <stdlib.h>
#include <unistd.h>

static char *
host_name(void)
{
	char name[256] = "";

	if (gethostname(name, sizeof name - 1) < 0 || !*name)
		return vss_strdup("localhost");
	return vss_strdup(name);
}

/* S1..S5: only what a requester may set, and of that only what goes together. */
static int
check_context(uint32_t context, struct vss_err *err)
{
	const uint32_t base =
		VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE | VSS_ATTR_NO_WRITERS | VSS_ATTR_CLIENT_ACCESSIBLE;
	const uint32_t methods = VSS_ATTR_DIFFERENTIAL | VSS_ATTR_PLEX;
	const uint32_t recoveries = VSS_ATTR_NO_AUTORECOVERY | VSS_ATTR_ROLLBACK_RECOVERY;
	const uint32_t modifiers =
		methods | recoveries | VSS_ATTR_TRANSPORTABLE | VSS_ATTR_NOT_TRANSACTED | VSS_ATTR_TXF_RECOVERY;
	const uint32_t lasting = VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE;

	char label[256];

	vss_attributes_label(context & ~(base | modifiers), label, sizeof label);
	if (*label)
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0, "attribute '%s': cannot be asked for", label);
	if (context & ~(base | modifiers))
		return vss_fail(
			err, VSS_E_UNSUPPORTED_CONTEXT, 0, "context 0x%x: nothing can be created in it", context);
	if ((context & lasting) != 0 && (context & lasting) != lasting)
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
			"context 0x%x: a copy is persistent or goes with its session", context);
	if (context & VSS_ATTR_CLIENT_ACCESSIBLE && ((context & lasting) != lasting || context & modifiers))
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
			"context 0x%x: client-accessible copies are persistent and take no other attribute", context);
	if ((context & recoveries) == recoveries)
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
			"context 0x%x: writers recover in a copy or must not, not both", context);
	if ((context & methods) == methods)
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0,
			"context 0x%x: a copy is differential or full, not both", context);
	return 0;
}

static struct vss_session *
session_make(const struct vss_session_options *o, struct vss_bcd *bcd)
{
	struct vss_session *s = vss_alloc(sizeof *s);

	s->o = *o;
	s->o.storage = s->storage = vss_strdup(o->storage);
	s->o.note = s->note = vss_strdup(o->note);
	s->o.tag = s->tag = vss_strdup(o->tag);
	s->o.scratch_dir = s->scratch_dir = vss_strdup(o->scratch_dir);
	for (size_t i = 0; o->hold_cgroups && i < o->hold_cgroups->n; i++)
		vss_strv_add(&s->cgroups, o->hold_cgroups->v[i]);
	s->o.hold_cgroups = &s->cgroups;
	if (o->no_writers)
		s->o.context |= VSS_ATTR_NO_WRITERS;
	s->writerless = s->o.context & VSS_ATTR_NO_WRITERS;
	s->ownerfd = s->hold.epfd = -1;
	s->set = vss_set_new();
	s->bcd = bcd;
	return s;
}

struct vss_session *
vss_session_new(const struct vss_session_options *o, struct vss_err *err)
{
	if (check_context(o->context, err) < 0)
		return NULL;
	struct vss_bcd *bcd = vss_bcd_new();
	struct vss_session *s = session_make(o, bcd);

	if (s->o.min_component_grade == VSS_GRADE_NONE)
		s->o.min_component_grade = VSS_GRADE_RECOVERABLE;
	if (s->o.min_path_grade == VSS_GRADE_NONE)
		s->o.min_path_grade = VSS_GRADE_CRASH;
	s->set->host = host_name();
	s->set->context = s->o.context;
	s->set->note = vss_strdup(o->note);
	s->set->tag = vss_strdup(o->tag);
	s->set->hold = o->hold;
	for (size_t i = 0; i < s->cgroups.n; i++)
		vss_strv_add(&s->set->cgroups, s->cgroups.v[i]);

	vss_uuid_random(&bcd->backup_id);
	bcd->type = o->type;
	bcd->component_mode = !s->writerless;
	bcd->partial_files = o->partial_files;
	bcd->host = vss_strdup(s->set->host);
	bcd->created_ns = vss_now_wall();
	return s;
}

struct vss_session *
vss_session_new_for_restore(const struct vss_session_options *o, struct vss_bcd *stored, struct vss_err *err)
{
	if (!stored) {
		vss_fail(err, VSS_USAGE, 0, "a restore needs a stored components document");
		return NULL;
	}
	/* Nobody is selected, and nothing goes elsewhere, because a document says so. */
	vss_bcd_forget_restore(stored);
	struct vss_session *s = session_make(o, stored);
	s->state = SESSION_RESTORE_NEW;
	return s;
}

const struct vss_set *
vss_session_set(const struct vss_session *s)
{
	return vss_uuid_is_nil(&s->set->id) ? NULL : s->set;
}

struct vss_bcd *
vss_session_bcd(struct vss_session *s)
{
	return s->bcd;
}

static bool
was_prepared(void *ctx, const struct vss_writer *w)
{
	const struct session_part *p = session_part_of(ctx, w);
	return p && p->prepared && w->alive;
}

/* W33: also after a failure, and to those who were left out.  After the completion it is only a farewell. */
static void
raise_shutdown(struct vss_session *s)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_writers_event e = {
		.event = VSS_EVENT_BACKUP_SHUTDOWN, .filter = was_prepared, .ctx = s, .ignore_interrupt = true
	};

	if (session_raise(s, &e, &err) < 0)
		vss_warn("backup-shutdown: %s", err.text);
}

static void
part_clear(struct session_part *p)
{
	for (size_t i = 0; i < p->nspans; i++)
		session_span_clear(&p->spans[i]);
	free(p->spans);
}

static void
end_writers(struct vss_session *s)
{
	struct vss_err err = VSS_ERR_INIT;

	if (!s->writers)
		return;
	raise_shutdown(s);
	if (!s->o.only_ask && vss_writers_remember(s->writers, &err) < 0)
		vss_warn("the writers' states were not kept: %s", err.text);
	vss_writers_end(s->writers);
}

void
vss_session_abandon(struct vss_session *s)
{
	s->abandoned = true;
}

void
vss_session_free(struct vss_session *s)
{
	if (!s)
		return;
	end_writers(s);
	if (s->ownerfd >= 0) {
		vss_stop_point("session.before-release");
		if (!s->abandoned)
			session_release_copies(s);
		vss_owner_release(&s->owner, s->ownerfd);
	}
	session_drop_claims(s);
	session_hold_end(s);
	free(s->topology.v);
	making_free(s->making);
	for (size_t i = 0; i < s->nparts; i++)
		part_clear(&s->parts[i]);
	free(s->parts);
	for (size_t i = 0; i < s->nvolumes; i++)
		vss_volume_free(s->volumes[i].volume);
	free(s->volumes);
	session_free_lost(s);
	vss_set_free(s->set);
	vss_bcd_free(s->bcd);
	free(s->storage);
	free(s->note);
	free(s->tag);
	free(s->scratch_dir);
	vss_strv_free(&s->cgroups);
	free(s);
}
