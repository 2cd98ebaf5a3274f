/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#define IN(state) (1u << SESSION_##state)
#define MADE (IN(CREATED) | IN(COMPLETED))

/*
 * Call x allowed states.  Without writers there is nobody to gather and nobody to prepare: both may be left
 * out, and those who call them all the same are told no lie (the difference from B24, see NOTES).
 */
static const struct {
	const char *name;
	unsigned allowed, without_writers;
} calls[CALL_COUNT] = {
	[CALL_GATHER_WRITER_METADATA] = { "GatherWriterMetadata", IN(NEW) | IN(RESTORE_NEW), 0 },
	[CALL_ADD_COMPONENT] = { "AddComponent", IN(GATHERED), 0 },
	[CALL_START_SNAPSHOT_SET] = { "StartSnapshotSet", IN(GATHERED), IN(NEW) },
	[CALL_ADD_TO_SNAPSHOT_SET] = { "AddToSnapshotSet", IN(STARTED), 0 },
	[CALL_SET_PREVIOUS_BACKUP_STAMP] = { "SetPreviousBackupStamp", IN(GATHERED) | IN(STARTED), 0 },
	[CALL_SET_BACKUP_OPTIONS] = { "SetBackupOptions", IN(GATHERED) | IN(STARTED), 0 },
	[CALL_PREPARE_FOR_BACKUP] = { "PrepareForBackup", IN(STARTED), 0 },
	[CALL_DO_SNAPSHOT_SET] = { "DoSnapshotSet", IN(PREPARED), IN(STARTED) },
	[CALL_CHECK_COPIES] = { "checking the copies", MADE, 0 },
	[CALL_SET_BACKUP_SUCCEEDED] = { "SetBackupSucceeded", IN(CREATED), 0 },
	[CALL_BACKUP_COMPLETE] = { "BackupComplete", IN(CREATED), 0 },
	[CALL_ABORT_BACKUP] = { "AbortBackup", IN(STARTED) | IN(PREPARED) | IN(CREATED) | IN(FAILED) | IN(ABORTED), 0 },
	[CALL_SET_SELECTED_FOR_RESTORE] = { "SetSelectedForRestore", IN(RESTORE_GATHERED), 0 },
	[CALL_SET_RESTORE_TYPE] = { "SetRestoreState", IN(RESTORE_NEW) | IN(RESTORE_GATHERED), 0 },
	[CALL_ADD_RESTORE_SUBCOMPONENT] = { "AddRestoreSubcomponent", IN(RESTORE_GATHERED), 0 },
	[CALL_SET_RESTORE_WISHES] = { "SetRestoreOptions", IN(RESTORE_GATHERED), 0 },
	[CALL_ADD_NEW_TARGET] = { "AddNewTarget", IN(RESTORE_GATHERED), 0 },
	[CALL_PRE_RESTORE] = { "PreRestore", IN(RESTORE_GATHERED), 0 },
	[CALL_SET_RANGES_FILE_PATH] = { "SetRangesFilePath", IN(PRE_RESTORED), 0 },
	[CALL_ADD_ALTERNATIVE_LOCATION_MAPPING] = { "AddAlternativeLocationMapping", IN(PRE_RESTORED), 0 },
	[CALL_SET_FILE_RESTORE_STATUS] = { "SetFileRestoreStatus", IN(PRE_RESTORED), 0 },
	[CALL_POST_RESTORE] = { "PostRestore", IN(PRE_RESTORED), 0 },
};

static const char *const states[SESSION_STATE_COUNT] = {
	[SESSION_NEW] = "new",
	[SESSION_GATHERED] = "gathered",
	[SESSION_STARTED] = "started",
	[SESSION_PREPARED] = "prepared",
	[SESSION_CREATED] = "created",
	[SESSION_COMPLETED] = "completed",
	[SESSION_FAILED] = "failed",
	[SESSION_ABORTED] = "aborted",
	[SESSION_RESTORE_NEW] = "new for a restore",
	[SESSION_RESTORE_GATHERED] = "gathered for a restore",
	[SESSION_PRE_RESTORED] = "in a restore",
	[SESSION_POST_RESTORED] = "restored",
};

bool
session_allows(enum session_state state, bool writerless, enum session_call call)
{
	unsigned allowed = calls[call].allowed | (writerless ? calls[call].without_writers : 0);
	return allowed & (1u << state);
}

int
session_enter(const struct vss_session *s, enum session_call call, struct vss_err *err)
{
	if (session_allows(s->state, s->writerless, call))
		return 0;
	return vss_fail(
		err, VSS_E_BAD_STATE, 0, "%s: not possible now, the session is %s", calls[call].name, states[s->state]);
}
