/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int
shell_before_create(const struct shell *sh, struct vss_err *err)
{
	if (sh->job)
		return vss_fail(err, VSS_E_BAD_STATE, 0, "a shadow copy set was created already: RESET first");
	return 0;
}

char *
shell_path(const char *word, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = *word == '/' ? NULL : getcwd(NULL, 0);

	if (*word != '/' && !cwd) {
		vss_fail(err, VSS_SYSTEM, errno, "working directory");
		return NULL;
	}
	return vss_path_clean(word, cwd);
}

void
shell_farewell(struct shell *sh)
{
	if (sh->backup && !sh->completed)
		vss_out("Note: END BACKUP was not commanded, writers not notified BackupComplete.\n");
	if (sh->restore)
		vss_out("Note: END RESTORE was not commanded, writers are notified that the restore failed.\n");
}

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

/* What belongs to the process and not to a job. */
static struct shell
fresh(const struct shell *sh)
{
	return (struct shell){
		.parameters = sh->parameters,
		.interactive = sh->interactive,
		.takes_stdin = sh->takes_stdin,
		.leaving = sh->leaving,
		.log = sh->log,
	};
}

void
shell_reset(struct shell *sh)
{
	struct vss_err ended = VSS_ERR_INIT; /* it ends as failed either way, and writers that did were named */
	struct shell anew = fresh(sh);

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
	*sh = anew;
}

const struct vss_uuid *
shell_own_set(const struct shell *sh)
{
	return sh->job ? &vss_job_set(sh->job)->id : NULL;
}

int
verb_reset(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	(void)args, (void)err;
	shell_farewell(sh);
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
