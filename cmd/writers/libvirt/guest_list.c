/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"
#include "virsh.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MS = 8000 }; /* identify has ten seconds */

static void
add_lines(struct vss_strv *out, const char *text)
{
	for (const char *p = text ? text : ""; *p; p += strspn(p, "\n")) {
		size_t n = strcspn(p, "\n");

		vss_strv_take(out, vss_strndup(p, n));
		p += n;
	}
}

static int
list(const struct config *c, const char *which, struct vss_strv *out, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct call call;

	call_init(&call, "list", "--uuid", which);
	int r = virsh_one(c, &call, deadline, &text, err);
	call_clear(&call);
	if (r == 0)
		add_lines(out, text.data);
	return r;
}

int
guests_active(const struct config *c, struct vss_strv *uuids, struct vss_err *err)
{
	return list(c, NULL, uuids, vss_now_mono() + LIST_MS * VSS_MS, err);
}

void
guests_clear(struct guests *g)
{
	for (size_t i = 0; i < g->n; i++)
		guest_clear(&g->v[i]);
	free(g->v);
	*g = (struct guests){ 0 };
}

/* One that was undefined since it was listed is not there. */
static bool
is_gone(const struct call *c)
{
	return !c->done && !c->late && strstr(c->reason, "failed to get domain");
}

/* The files are those of the domain as it runs, where it does; it is started again from its definition. */
static int
take_guest(const struct config *c, struct guests *out, const struct call *now, const struct call *definition,
	struct vss_err *err)
{
	struct guest g = { 0 };

	if (!now->done)
		return vss_fail(err, VSS_SYSTEM, 0, "%s: dumpxml %s: %s", config_uri(c), now->words[1], now->reason);
	if (guest_parse(now->out.data ? now->out.data : "", now->out.len, &g, err) != 0) {
		guest_clear(&g);
		return -1;
	}
	if (vss_strv_has(&c->ignored, g.name)) {
		guest_clear(&g);
		return 0;
	}
	/* A domain that is not kept when it ends has no definition. */
	g.xml = vss_strdup(definition->done && definition->out.data ? definition->out.data : now->out.data);
	VSS_PUSH(out->v, out->n, out->cap) = g;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct guest *)a)->name, ((const struct guest *)b)->name);
}

static int
describe(
	const struct config *c, const struct vss_strv *uuids, struct guests *out, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOFREE struct call *calls = vss_alloc(2 * uuids->n * sizeof *calls);
	int r = 0;

	for (size_t i = 0; i < uuids->n; i++) {
		call_init(&calls[2 * i], "dumpxml", uuids->v[i], NULL);
		call_init(&calls[2 * i + 1], "dumpxml", uuids->v[i], "--inactive");
	}
	virsh_run(c, calls, 2 * uuids->n, deadline);
	for (size_t i = 0; i < uuids->n && r == 0; i++)
		if (!is_gone(&calls[2 * i]))
			r = take_guest(c, out, &calls[2 * i], &calls[2 * i + 1], err);
	for (size_t i = 0; i < 2 * uuids->n; i++)
		call_clear(&calls[i]);
	return r;
}

int
guests_list(const struct config *c, struct guests *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv active = VSS_STRV_INIT;
	int64_t deadline = vss_now_mono() + LIST_MS * VSS_MS;

	if (list(c, "--all", &all, deadline, err) != 0 || list(c, NULL, &active, deadline, err) != 0 ||
		describe(c, &all, out, deadline, err) != 0)
		return -1;
	for (size_t i = 0; i < out->n; i++)
		out->v[i].active = vss_strv_has(&active, out->v[i].uuid);
	if (out->n > 0)
		qsort(out->v, out->n, sizeof *out->v, by_name);
	return 0;
}
