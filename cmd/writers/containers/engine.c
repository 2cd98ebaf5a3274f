/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine.h"

#include "base/mem.h"
#include "os/child.h"
#include "os/trust.h"

#include <stdlib.h>
#include <string.h>

#define ASK_MS 8000	      /* the coordinator waits 10 s for the answer to identify */
#define OUTPUT_MAX (64 << 20) /* of inspect: some 20 KiB for each container */

static int
ask(const char *const *argv, struct vss_buf *out, struct vss_err *err)
{
	if (vss_check_trust(argv[0], err) != 0)
		return -1;
	return vss_run(argv, ASK_MS, OUTPUT_MAX, out, err);
}

static struct vss_json *
inspect(const char *command, const struct vss_strv *ids, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;

	vss_strv_add(&argv, command);
	vss_strv_add(&argv, "inspect");
	vss_strv_add(&argv, "--type");
	vss_strv_add(&argv, "container");
	for (size_t i = 0; i < ids->n; i++)
		vss_strv_add(&argv, ids->v[i]);
	if (ask((const char *const *)argv.v, &text, err) != 0)
		return NULL;
	return vss_json_parse(text.data, text.len, err);
}

static int
add_ids(const struct engine *e, const char *filter, struct vss_strv *ids, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	const char *const argv[] = { e->command, "ps", "--all", "--quiet", "--no-trunc", "--filter", filter, NULL };

	if (ask(argv, &text, err) != 0)
		return -1;
	char *next = text.data;
	for (char *id; text.len && (id = strsep(&next, "\n"));)
		if (*id && !vss_strv_has(ids, id))
			vss_strv_add(ids, id);
	return 0;
}

int
engine_list(const struct engine *e, struct containers *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv ids = VSS_STRV_INIT;

	if (add_ids(e, "label=vss.mode", &ids, err) != 0 || add_ids(e, "label=vss.freeze", &ids, err) != 0)
		return -1;
	if (ids.n == 0)
		return 0;
	struct vss_json *list = inspect(e->command, &ids, err);
	if (!list)
		return -1;
	int result = containers_take(out, e, list, err);
	vss_json_free(list);
	return result;
}

/* All of them, gone or not: an engine that knows no such ID is asked by a filter, which then says nothing, and does not fail. */
static int
is_known(const char *command, const char *id, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *filter = vss_strf("id=%s", id);
	const char *const argv[] = { command, "ps", "--all", "--quiet", "--no-trunc", "--filter", filter, NULL };

	return ask(argv, &text, err) != 0 ? -1 : text.len > 0;
}

static int
look(const char *command, const char *id, struct container *c, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv ids = VSS_STRV_INIT;
	int known = is_known(command, id, err);

	if (known <= 0)
		return known < 0 ? -1 : vss_fail(err, VSS_ABSENT, 0, "container %.12s is gone", id);
	vss_strv_add(&ids, id);
	struct vss_json *list = inspect(command, &ids, err);
	if (!list)
		return -1;
	if (vss_json_count(list) > 0)
		container_take_state(c, vss_json_at(list, 0));
	vss_json_free(list);
	return 0;
}

int
engine_look(struct container *c, struct vss_err *err)
{
	return look(c->engine->command, c->id, c, err);
}

int
engine_state(const char *command, const char *id, enum state *out, struct vss_err *err)
{
	struct container c = { 0 };

	if (look(command, id, &c, err) != 0)
		return -1;
	*out = c.state;
	return 0;
}

int
engine_do(const char *command, const char *verb, const struct vss_strv *words, int timeout_ms, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;

	if (vss_check_trust(command, err) != 0)
		return -1;
	vss_strv_add(&argv, command);
	vss_strv_add(&argv, verb);
	for (size_t i = 0; i < words->n; i++)
		vss_strv_add(&argv, words->v[i]);
	/* A command within a container may leave something running that carries a lock. */
	int status = vss_run_leaving((const char *const *)argv.v, timeout_ms, &text, err);
	if (status < 0)
		return vss_wrap(err, "%s", verb);
	if (status == 0)
		return 0;
	VSS_AUTOFREE char *said = vss_last_line(&text);
	return vss_fail(err, VSS_SYSTEM, 0, "%s: status %d%s%s", verb, status, said ? ": " : "", said ? said : "");
}

int
engine_do_one(const char *command, const char *verb, const char *id, int timeout_ms, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, id);
	return engine_do(command, verb, &words, timeout_ms, err);
}

int
engine_exec(const char *command, const char *id, const struct vss_strv *argv, int timeout_ms, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, id);
	for (size_t i = 0; i < argv->n; i++)
		vss_strv_add(&words, argv->v[i]);
	return engine_do(command, "exec", &words, timeout_ms, err);
}
