/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "base/path.h"
#include "front/word.h"

#include <stdlib.h>
#include <unistd.h>

enum { KINDS = 3 };

/* With writers, and without; 0: there is no such form.  Client-accessible copies never have any. */
static const struct kind {
	const char *word;
	uint32_t context, without_writers;
} kinds[KINDS] = {
	{ "CLIENTACCESSIBLE", VSS_CTX_CLIENT_ACCESSIBLE, 0 },
	{ "PERSISTENT", VSS_CTX_APP_ROLLBACK, VSS_CTX_NAS_ROLLBACK },
	{ "VOLATILE", VSS_CTX_BACKUP, VSS_CTX_FILE_SHARE_BACKUP },
};

static const struct option {
	const char *word;
	uint32_t attribute, excludes;
} options[] = {
	{ "DIFFERENTIAL", VSS_ATTR_DIFFERENTIAL, VSS_ATTR_PLEX },
	{ "PLEX", VSS_ATTR_PLEX, VSS_ATTR_DIFFERENTIAL },
	{ "TRANSPORTABLE", VSS_ATTR_TRANSPORTABLE, 0 },
	{ "ROLLBACKRECOVER", VSS_ATTR_ROLLBACK_RECOVERY, VSS_ATTR_NO_AUTORECOVERY },
	{ "TXFRECOVER", VSS_ATTR_TXF_RECOVERY, VSS_ATTR_NO_AUTORECOVERY },
	{ "NOAUTORECOVER", VSS_ATTR_NO_AUTORECOVERY, VSS_ATTR_ROLLBACK_RECOVERY | VSS_ATTR_TXF_RECOVERY },
	{ NULL, 0, 0 },
};

static void
print_context(uint32_t context)
{
	for (int i = 0; i < KINDS; i++) {
		bool bare = kinds[i].without_writers && kinds[i].without_writers == context;
		if (bare || kinds[i].context == context)
			vss_out("Context: %s%s\n", kinds[i].word, bare ? " NOWRITERS" : "");
	}
}

int
verb_set(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct shell_settings *s = &sh->settings;
	VSS_AUTOFREE char *metadata = vss_out_name(s->metadata);

	(void)args, (void)err;
	print_context(s->context);
	vss_out("Options:");
	for (const struct option *o = options; o->word; o++)
		if (s->options & o->attribute)
			vss_out(" %s", o->word);
	vss_out("%s\nVerbose: %s\n", s->options ? "" : " none", s->verbose ? "ON" : "OFF");
	vss_out("Metadata file: %s\n", s->metadata ? metadata : "in the working directory, named by time and host");
	return 0;
}

static const struct kind *
kind_of(const char *word)
{
	for (int i = 0; i < KINDS; i++)
		if (vss_str_caseeq(kinds[i].word, word))
			return &kinds[i];
	return NULL;
}

int
verb_set_context(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const struct kind *kind = kind_of(args->v[0]);
	bool bare = args->n > 1;

	if (!kind || (bare && !vss_str_caseeq(args->v[1], "NOWRITERS")))
		return vss_fail(err, VSS_USAGE, 0, "'%s': no context has this word there", args->v[kind ? 1 : 0]);
	if (bare && !kind->without_writers)
		return vss_fail(err, VSS_USAGE, 0, "%s: takes no NOWRITERS: there are none in it anyway", kind->word);
	uint32_t context = bare ? kind->without_writers : kind->context;
	if (shell_before_create(sh, err) < 0 || shell_check_writers(sh, context & VSS_ATTR_NO_WRITERS, err) < 0)
		return -1;
	sh->settings.context = context;
	return 0;
}

static const struct option *
option_of(const char *word)
{
	const struct option *o = options;
	while (o->word && !vss_str_caseeq(o->word, word))
		o++;
	return o->word ? o : NULL;
}

static const char *
excluded_by(const struct option *by, uint32_t given)
{
	const struct option *o = options;
	while (!(o->attribute & given & by->excludes))
		o++;
	return o->word;
}

int
verb_set_option(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	uint32_t given = 0;

	for (size_t i = 0; i < args->n; i++) {
		const struct option *o = option_of(args->v[i]);
		if (!o)
			return vss_fail(err, VSS_USAGE, 0, "'%s': no such option", args->v[i]);
		if (given & o->excludes)
			return vss_fail(
				err, VSS_USAGE, 0, "%s and %s exclude each other", excluded_by(o, given), o->word);
		given |= o->attribute;
	}
	if (shell_before_create(sh, err) < 0)
		return -1;
	sh->settings.options = given;
	return 0;
}

int
verb_set_verbose(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	bool on = vss_str_caseeq(args->v[0], "ON");

	if (!on && !vss_str_caseeq(args->v[0], "OFF"))
		return vss_fail(err, VSS_USAGE, 0, "'%s': it is either ON or OFF", args->v[0]);
	sh->settings.verbose = on;
	return 0;
}

/* Whether it can be written is asked by CREATE: what makes its directory may stand between. */
int
verb_set_metadata(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	const char *word = args->v[0];

	if (vss_front_no_drive(word, err) < 0)
		return -1;
	if (!*word || vss_str_ends(word, "/"))
		return vss_fail(err, VSS_USAGE, 0, "'%s': is no name of a file", word);
	char *path = shell_path(word, err);
	if (!path)
		return -1;
	free(sh->settings.metadata);
	sh->settings.metadata = path;
	return 0;
}
