/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/create.h"

#include "base/mem.h"
#include "cli/out.h"
#include "front/command.h"
#include "front/forecast.h"
#include "front/json.h"
#include "front/report.h"
#include "requester/documents.h"
#include "requester/transport.h"

#include <string.h>
#include <unistd.h>

/* What `use` needs: the whole of the wish. */
struct use {
	const struct vss_front_create *create;
	const struct vss_args *args;
};

static int
use_set(const struct use *u, const struct vss_set *set, struct vss_err *err)
{
	if (u->create->document && vss_transport_write(set, u->create->document, err))
		return -1;
	if (u->create->write_env && vss_front_write_env(set, u->create->write_env, err))
		return -1;
	if (!u->args->has_command)
		return 0;
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;
	vss_front_environment(set, &env);
	struct vss_front_command c = { &u->args->command, &env, STDIN_FILENO,
		u->create->json ? STDERR_FILENO : STDOUT_FILENO };
	return vss_front_run(&c, err);
}

/* A copy that stays although something went wrong behind it is "in part", and is named. */
static int
use(void *ctx, const struct vss_set *set, struct vss_err *err)
{
	const struct use *u = ctx;
	char id[VSS_UUID_BRACED];
	if (use_set(u, set, err) == 0)
		return 0;
	if (err->code == VSS_INTERRUPTED || !(u->create->request.context & VSS_ATTR_NO_AUTO_RELEASE))
		return -1;
	vss_uuid_braced(&set->id, id);
	vss_wrap(err, "shadow copy set %s is there", id);
	err->code = VSS_PARTIAL;
	return -1;
}

static int
choose_context(struct vss_front_create *c, bool has_command, struct vss_err *err)
{
	bool plain = c->request.no_writers, release = has_command && !c->persistent;
	uint32_t *context = &c->request.context;
	if (!c->context) {
		uint32_t stays = plain ? VSS_CTX_NAS_ROLLBACK : VSS_CTX_APP_ROLLBACK;
		*context = !release ? stays : plain ? VSS_CTX_FILE_SHARE_BACKUP : VSS_CTX_BACKUP;
		return 0;
	}
	if (vss_str_caseeq(c->context, "all") || vss_str_caseeq(c->context, "VSS_CTX_ALL")) /* S2 */
		return vss_fail(
			err, VSS_E_UNSUPPORTED_CONTEXT, 0, "--context %s: nothing can be created in it", c->context);
	if (vss_context_by_word(c->context, context))
		return vss_fail(err, VSS_USAGE, 0,
			"--context: '%s' is none of backup, file-share-backup, nas-rollback, app-rollback, "
			"client-accessible, client-accessible-writers",
			c->context);
	if (!(*context & VSS_ATTR_NO_AUTO_RELEASE) && !has_command)
		return vss_fail(err, VSS_USAGE, 0,
			"--context: copies of context %s end with this command: give it a command behind --",
			c->context);
	if (!(*context & VSS_ATTR_NO_AUTO_RELEASE) && c->persistent)
		return vss_fail(err, VSS_USAGE, 0, "--context %s and --persistent exclude each other", c->context);
	if (*context & VSS_ATTR_NO_WRITERS)
		c->request.no_writers = true;
	return 0;
}

/* Words with commas between; what may be asked for the session knows (S3). */
static int
add_attributes(struct vss_front_create *c, struct vss_err *err)
{
	VSS_AUTOFREE char *words = vss_strdup(c->attributes);
	char *rest = words;

	for (char *word; rest && (word = strsep(&rest, ","));) {
		uint32_t bit = vss_attribute_by_word(word);
		if (!bit)
			return vss_fail(err, VSS_USAGE, 0,
				"--attributes: '%s' is no attribute of VSS (see create-shadow(8))", word);
		c->request.context |= bit;
	}
	return 0;
}

static int
choose_transport(struct vss_front_create *c, struct vss_err *err)
{
	c->transportable = c->transportable || (c->request.context & VSS_ATTR_TRANSPORTABLE);
	if (c->transportable != (c->document != NULL))
		return vss_fail(err, VSS_USAGE, 0,
			c->document ? "--document: '%s' needs --transportable"
				    : "--transportable needs --document FILE",
			c->document);
	if (!c->transportable)
		return 0;
	c->request.context |= VSS_ATTR_TRANSPORTABLE;
	return vss_transport_check(c->document, err);
}

static int
fill_in(struct vss_front_create *c, const struct vss_args *args, struct vss_err *err)
{
	struct vss_create_request *r = &c->request;
	if (c->persistent && !args->has_command)
		return vss_fail(
			err, VSS_USAGE, 0, "--persistent needs a command behind --; without one the copy stays anyway");
	if (choose_context(c, args->has_command, err) || add_attributes(c, err) || choose_transport(c, err) ||
		vss_front_writers_check(&c->writers, r->no_writers, err))
		return -1;
	r->volumes = &args->operands;
	r->writers = &c->writers.names;
	r->exclude_writers = &c->writers.exclude;
	r->hold_cgroups = &c->writers.cgroups;
	if (vss_front_storage_size(&c->writers, &r->storage_size, &r->storage_percent, err))
		return -1;
	r->min_grade = (enum vss_grade)c->writers.min_grade;
	r->wait_s = vss_front_writers_wait(&c->writers);
	return 0;
}

static void
print_json(const struct vss_set *set, bool stands, const struct vss_err *err)
{
	struct vss_jw *w = vss_out_json();
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "set_id", &set->id);
	vss_front_json_time(w, "created", set->created_ns);
	vss_jw_member_string(w, "grade", vss_grade_word(set->grade));
	vss_front_json_ms(w, "freeze_ms", set->freeze_ms);
	vss_front_json_instants(w, set);
	vss_jw_key(w, "shadows");
	vss_jw_begin_array(w);
	for (size_t i = 0; stands && i < set->nshadows; i++) {
		vss_jw_begin_object(w);
		vss_front_json_shadow(w, &set->shadows[i]);
		vss_jw_end_object(w);
	}
	vss_jw_end_array(w);
	vss_front_json_writers(w, set);
	vss_put_ledger(w, set);
	if (err->code != VSS_OK)
		vss_front_json_error(w, err);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}

static void
print_text(const struct vss_set *set, int verbose)
{
	char id[VSS_UUID_BRACED];
	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_AUTOFREE char *volume = vss_out_name(set->shadows[i].volume);
		VSS_AUTOFREE char *device = vss_out_name(set->shadows[i].device);
		vss_uuid_braced(&set->shadows[i].id, id);
		vss_out("Successfully created shadow copy for '%s'\n", volume);
		vss_out("    Shadow Copy ID: %s\n", id);
		if (!(set->context & VSS_ATTR_TRANSPORTABLE)) /* that is not shown here */
			vss_out("    Shadow Copy Volume Name: %s\n", device);
	}
	vss_uuid_braced(&set->id, id);
	vss_out("Shadow copy set ID: %s\n", id);
	vss_front_report_grade(set, 4);
	vss_front_report_writers(set, 4);
	if (verbose)
		vss_front_report_ledger(set, 4);
}

/* Volumes as they were typed, with a slash; nothing that vssadmin does not say. */
static void
print_vssadmin(const struct vss_set *set, const struct vss_strv *words)
{
	char id[VSS_UUID_BRACED];
	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_AUTOFREE char *volume = vss_out_sentence(words->v[i]);
		VSS_AUTOFREE char *device = vss_out_name(set->shadows[i].device);
		bool closed = vss_str_ends(words->v[i], "/") || vss_str_ends(words->v[i], "\\");
		vss_uuid_braced(&set->shadows[i].id, id);
		vss_out("Successfully created shadow copy for '%s%s'\n    Shadow Copy ID: %s\n"
			"    Shadow Copy Volume Name: %s\n",
			volume, closed ? "" : "/", id, device);
	}
}

static void
report(const struct vss_front_create *c, const struct vss_args *args, const struct vss_set *set,
	const struct vss_err *err)
{
	bool stands = err->code == VSS_OK || err->code == VSS_PARTIAL;
	if (c->json)
		print_json(set, stands, err);
	else if (stands && c->shape == VSS_SHAPE_VSSADMIN)
		print_vssadmin(set, &args->operands);
	else if (stands && !args->has_command && !args->quiet)
		print_text(set, args->verbose);
	else if (!stands && args->verbose)
		vss_front_report_ledger(set, 0);
}

static int
foretell(const struct vss_front_create *c, struct vss_err *err)
{
	struct vss_forecast *f = NULL;
	int rc = vss_forecast_shadow(&c->request, &f, err);

	if (f && c->json)
		vss_front_forecast_json(f, err);
	else if (f)
		vss_front_forecast(f);
	vss_forecast_free(f);
	return rc;
}

int
vss_front_create_shadow(struct vss_front_create *c, const struct vss_args *args, struct vss_err *err)
{
	struct use u = { c, args };
	struct vss_set *set = NULL;
	if (fill_in(c, args, err))
		return -1;
	if (c->request.dry_run)
		return foretell(c, err);
	if (c->document || c->write_env || args->has_command)
		c->request.use = use;
	c->request.ctx = &u;
	int rc = vss_create_shadow(&c->request, &set, err);
	if (set)
		report(c, args, set, err);
	vss_set_free(set);
	return rc;
}
