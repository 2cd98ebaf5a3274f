/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "front/job.h"
#include "front/writer_options.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The request, and the words that it points to. */
struct wish {
	struct vss_front_job job;
	struct vss_strv volumes, names, alias_names, alias_values;
	const char **providers;
	char *metadata;
};

static void
wish_clear(struct wish *w)
{
	vss_strv_free(&w->volumes);
	vss_strv_free(&w->names);
	vss_strv_free(&w->alias_names);
	vss_strv_free(&w->alias_values);
	free(w->providers);
	free(w->metadata);
	free(w->job.written);
}

static int
add_volume(struct wish *w, const struct shell_volume *v, struct vss_err *err)
{
	VSS_AUTOFREE char *name = v->alias ? vss_strdup(v->alias) : vss_strf("VSS_SHADOW_%zu", w->names.n + 1);

	for (size_t i = 0; i < w->names.n; i++)
		if (vss_str_caseeq(w->names.v[i], name))
			return vss_fail(err, VSS_USAGE, 0, "%s and %s would both have the alias %s", w->volumes.v[i],
				v->volume->mount, name);
	w->providers[w->names.n] = v->provider;
	vss_strv_add(&w->volumes, v->volume->mount);
	vss_strv_add(&w->names, name);
	return 0;
}

static int
choose_metadata(struct wish *w, const struct shell *sh, struct vss_err *err)
{
	char host[256] = "";
	VSS_AUTOFREE char *cwd = getcwd(NULL, 0);

	if (!sh->settings.metadata && sh->settings.options & VSS_ATTR_TRANSPORTABLE)
		return vss_fail(err, VSS_USAGE, 0, "TRANSPORTABLE needs SET METADATA: its files go beside that one");
	if (!sh->settings.metadata && !cwd)
		return vss_fail(err, VSS_SYSTEM, errno, "the working directory");
	if (gethostname(host, sizeof host - 1) < 0 || !*host)
		return vss_fail(err, VSS_SYSTEM, errno, "the name of this machine");
	w->metadata = sh->settings.metadata ? vss_strdup(sh->settings.metadata) : vss_metadata_file_name(cwd, host);
	return 0;
}

static int
fill_in(struct wish *w, const struct shell *sh, struct vss_err *err)
{
	const struct shell_settings *s = &sh->settings;

	w->providers = vss_alloc(sh->nvolumes * sizeof *w->providers);
	for (size_t i = 0; i < sh->nvolumes; i++)
		if (add_volume(w, &sh->volumes[i], err) < 0)
			return -1;
	for (size_t i = 0; i < sh->aliases.n; i++) {
		vss_strv_add(&w->alias_names, sh->aliases.v[i].name);
		vss_strv_add(&w->alias_values, sh->aliases.v[i].value);
	}
	if (choose_metadata(w, sh, err) < 0)
		return -1;
	w->job = (struct vss_front_job){
		.names = &w->names,
		.alias_names = &w->alias_names,
		.alias_values = &w->alias_values,
		.metadata = w->metadata,
		.may_rename = !sh->settings.metadata,
		.verbose = s->verbose,
	};
	w->job.request = (struct vss_create_request){
		.volumes = &w->volumes,
		.volume_providers = w->providers,
		.context = s->context | s->options,
		.type = sh->backup ? VSS_BT_FULL : VSS_BT_COPY,
		.verify = &sh->verify,
		.exclude_writers = &sh->exclude,
		.wait_s = VSS_FRONT_WAIT_DEFAULT,
		.lenient = true,
		.leave_out = "WRITER EXCLUDE",
		.lists_left = s->verbose,
		.no_writers = s->context & VSS_ATTR_NO_WRITERS,
	};
	return 0;
}

/* The names were checked when they were given. */
static void
set_aliases(struct shell *sh, const struct wish *w)
{
	const struct vss_set *set = vss_job_set(sh->job);
	struct vss_err never = VSS_ERR_INIT;
	char id[VSS_UUID_BRACED];

	for (size_t i = 0; i < set->nshadows; i++) {
		vss_uuid_braced(&set->shadows[i].id, id);
		(void)vss_aliases_set(&sh->aliases, w->names.v[i], id, &never);
	}
	vss_uuid_braced(&set->id, id);
	(void)vss_aliases_set(&sh->aliases, VSS_FRONT_SET_ALIAS, id, &never);
}

const char *
shell_alias_of(void *ctx, const char *value)
{
	const struct shell *sh = ctx;
	return vss_aliases_of(&sh->aliases, value);
}

int
verb_create(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	struct wish w = { .metadata = NULL };

	(void)args;
	if (shell_before_create(sh, err) < 0)
		return -1;
	if (!sh->nvolumes)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "CREATE: no volume was added (ADD VOLUME)");
	int rc = fill_in(&w, sh, err);
	if (rc == 0)
		rc = vss_front_job_create(&w.job, &sh->job, err);
	if (rc == 0) {
		const struct vss_front_aliases aliases = { shell_alias_of, sh };
		set_aliases(sh, &w);
		vss_front_job_report(&w.job, sh->job, &aliases);
	}
	wish_clear(&w);
	return rc;
}

int
verb_begin_backup(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args;
	if (shell_before_create(sh, err) < 0)
		return -1;
	if (sh->backup)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "BEGIN BACKUP: was given already");
	sh->backup = true;
	return 0;
}

/* A writer that fails now has failed: nobody is asked twice. */
int
verb_end_backup(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args;
	if (!sh->backup) {
		vss_out("Note: BEGIN BACKUP was not commanded, writers not notified BackupComplete.\n");
		return 0;
	}
	if (!sh->job)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "END BACKUP: nothing was created");
	if (sh->completed)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "END BACKUP: was given already");
	if (sh->exec_failed)
		return vss_fail(err, VSS_E_BAD_STATE, 0,
			"END BACKUP: the last EXEC failed, and writers would hear of a success: EXEC again, or RESET");
	sh->completed = true;
	return vss_job_complete(sh->job, err);
}
