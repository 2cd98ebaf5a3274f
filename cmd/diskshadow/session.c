/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"

#include <stdlib.h>

static void
forget_volumes(struct shell *sh)
{
	for (size_t i = 0; i < sh->nvolumes; i++) {
		free(sh->volumes[i].word);
		vss_volume_free(sh->volumes[i].volume);
		free(sh->volumes[i].alias);
		free(sh->volumes[i].provider);
	}
	free(sh->volumes);
}

void
shell_reset(struct shell *sh)
{
	struct vss_err ended = VSS_ERR_INIT;
	struct shell fresh = { .parameters = sh->parameters, .interactive = sh->interactive, .leaving = sh->leaving };

	if (sh->restore)
		(void)vss_restore_job_end(sh->restore, false, &ended);
	vss_job_free(sh->job);
	vss_metadata_file_free(sh->loaded);
	forget_volumes(sh);
	free(sh->settings.metadata);
	vss_aliases_free(&sh->aliases);
	vss_strv_free(&sh->verify);
	vss_strv_free(&sh->exclude);
	vss_strv_free(&sh->resync);
	*sh = fresh;
}

const char *
shell_value(void *ctx, const char *name)
{
	const struct shell *sh = ctx;
	const char *value = vss_aliases_get(&sh->aliases, name);
	return value ? value : getenv(name);
}

int
verb_reset(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args, (void)err;
	shell_reset(sh);
	return 0;
}

int
verb_exit(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args, (void)err;
	sh->leaving = true;
	return 0;
}
