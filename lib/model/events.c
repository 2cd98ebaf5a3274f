/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/term_internal.h"
#include "model/vocabulary.h"

#include <stddef.h>

static const struct vss_term states[] = {
	[VSS_WS_UNKNOWN] = { "VSS_WS_UNKNOWN", "UNKNOWN" },
	[VSS_WS_STABLE] = { "VSS_WS_STABLE", "STABLE" },
	[VSS_WS_WAITING_FOR_FREEZE] = { "VSS_WS_WAITING_FOR_FREEZE", "WAITING_FOR_FREEZE" },
	[VSS_WS_WAITING_FOR_THAW] = { "VSS_WS_WAITING_FOR_THAW", "WAITING_FOR_THAW" },
	[VSS_WS_WAITING_FOR_POST_SNAPSHOT] = { "VSS_WS_WAITING_FOR_POST_SNAPSHOT", "WAITING_FOR_POST_SNAPSHOT" },
	[VSS_WS_WAITING_FOR_BACKUP_COMPLETE] = { "VSS_WS_WAITING_FOR_BACKUP_COMPLETE", "WAITING_FOR_BACKUP_COMPLETE" },
	[VSS_WS_FAILED_AT_IDENTIFY] = { "VSS_WS_FAILED_AT_IDENTIFY", "FAILED_AT_IDENTIFY" },
	[VSS_WS_FAILED_AT_PREPARE_BACKUP] = { "VSS_WS_FAILED_AT_PREPARE_BACKUP", "FAILED_AT_PREPARE_BACKUP" },
	[VSS_WS_FAILED_AT_PREPARE_SNAPSHOT] = { "VSS_WS_FAILED_AT_PREPARE_SNAPSHOT", "FAILED_AT_PREPARE_SNAPSHOT" },
	[VSS_WS_FAILED_AT_FREEZE] = { "VSS_WS_FAILED_AT_FREEZE", "FAILED_AT_FREEZE" },
	[VSS_WS_FAILED_AT_THAW] = { "VSS_WS_FAILED_AT_THAW", "FAILED_AT_THAW" },
	[VSS_WS_FAILED_AT_POST_SNAPSHOT] = { "VSS_WS_FAILED_AT_POST_SNAPSHOT", "FAILED_AT_POST_SNAPSHOT" },
	[VSS_WS_FAILED_AT_BACKUP_COMPLETE] = { "VSS_WS_FAILED_AT_BACKUP_COMPLETE", "FAILED_AT_BACKUP_COMPLETE" },
	[VSS_WS_FAILED_AT_PRE_RESTORE] = { "VSS_WS_FAILED_AT_PRE_RESTORE", "FAILED_AT_PRE_RESTORE" },
	[VSS_WS_FAILED_AT_POST_RESTORE] = { "VSS_WS_FAILED_AT_POST_RESTORE", "FAILED_AT_POST_RESTORE" },
	[VSS_WS_FAILED_AT_BACKUPSHUTDOWN] = { "VSS_WS_FAILED_AT_BACKUPSHUTDOWN", "FAILED_AT_BACKUPSHUTDOWN" },
};
_Static_assert(sizeof states / sizeof *states == VSS_WS_COUNT, "a name for every state");

const char *
vss_writer_state_name(enum vss_writer_state s)
{
	return vss_term_name(VSS_TERMS(states), (int)s);
}

const char *
vss_writer_state_word(enum vss_writer_state s)
{
	return vss_term_word(VSS_TERMS(states), (int)s);
}

int
vss_writer_state_by_word(const char *word)
{
	return vss_term_find(VSS_TERMS(states), word);
}

bool
vss_writer_state_is_failed(enum vss_writer_state s)
{
	return s >= VSS_WS_FAILED_AT_IDENTIFY && s < VSS_WS_COUNT;
}

const char *
vss_writer_state_label(enum vss_writer_state s)
{
	switch (s) {
	case VSS_WS_STABLE:
		return "Stable";
	case VSS_WS_WAITING_FOR_FREEZE:
		return "Waiting for freeze";
	case VSS_WS_WAITING_FOR_THAW:
		return "Frozen";
	case VSS_WS_WAITING_FOR_POST_SNAPSHOT:
	case VSS_WS_WAITING_FOR_BACKUP_COMPLETE:
		return "Waiting for completion";
	default:
		return vss_writer_state_is_failed(s) ? "Failed" : "Unknown";
	}
}

const char *
vss_writer_error_label(enum vss_code code)
{
	switch (code) {
	case VSS_OK:
		return "No error";
	case VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT:
		return "Inconsistent shadow copy";
	case VSS_E_WRITERERROR_OUTOFRESOURCES:
		return "Out of resources";
	case VSS_E_WRITERERROR_TIMEOUT:
		return "Timed out";
	case VSS_E_WRITERERROR_RETRYABLE:
		return "Retryable error";
	case VSS_E_WRITERERROR_NONRETRYABLE:
		return "Non-retryable error";
	case VSS_E_WRITERERROR_PARTIAL_FAILURE:
		return "Partial failure";
	case VSS_E_WRITER_NOT_RESPONDING:
		return "Not responding";
	case VSS_E_WRITER_STATUS_NOT_AVAILABLE:
		return "Status not available";
	default:
		return "Unexpected error";
	}
}

/* The word of an event, and the states that it leaves a writer in.  Our hello is the first half of Identify; abort and
 * bye end the operation whatever the writer answered (W58). */
static const struct {
	const char *word;
	enum vss_writer_state good, bad;
} events[] = {
	[VSS_EVENT_HELLO] = { "hello", VSS_WS_STABLE, VSS_WS_FAILED_AT_IDENTIFY },
	[VSS_EVENT_IDENTIFY] = { "identify", VSS_WS_STABLE, VSS_WS_FAILED_AT_IDENTIFY },
	[VSS_EVENT_PREPARE_BACKUP] = { "prepare-backup", VSS_WS_STABLE, VSS_WS_FAILED_AT_PREPARE_BACKUP },
	[VSS_EVENT_PREPARE_SNAPSHOT] = { "prepare-snapshot", VSS_WS_WAITING_FOR_FREEZE,
		VSS_WS_FAILED_AT_PREPARE_SNAPSHOT },
	[VSS_EVENT_FREEZE] = { "freeze", VSS_WS_WAITING_FOR_THAW, VSS_WS_FAILED_AT_FREEZE },
	[VSS_EVENT_THAW] = { "thaw", VSS_WS_WAITING_FOR_POST_SNAPSHOT, VSS_WS_FAILED_AT_THAW },
	[VSS_EVENT_POST_SNAPSHOT] = { "post-snapshot", VSS_WS_WAITING_FOR_BACKUP_COMPLETE,
		VSS_WS_FAILED_AT_POST_SNAPSHOT },
	[VSS_EVENT_ABORT] = { "abort", VSS_WS_STABLE, VSS_WS_STABLE },
	[VSS_EVENT_BACKUP_COMPLETE] = { "backup-complete", VSS_WS_STABLE, VSS_WS_FAILED_AT_BACKUP_COMPLETE },
	[VSS_EVENT_BACKUP_SHUTDOWN] = { "backup-shutdown", VSS_WS_STABLE, VSS_WS_FAILED_AT_BACKUPSHUTDOWN },
	[VSS_EVENT_PRE_RESTORE] = { "pre-restore", VSS_WS_STABLE, VSS_WS_FAILED_AT_PRE_RESTORE },
	[VSS_EVENT_POST_RESTORE] = { "post-restore", VSS_WS_STABLE, VSS_WS_FAILED_AT_POST_RESTORE },
	[VSS_EVENT_BYE] = { "bye", VSS_WS_STABLE, VSS_WS_STABLE },
};
_Static_assert(sizeof events / sizeof *events == VSS_EVENT_COUNT, "a word for every event");

const char *
vss_event_word(enum vss_event e)
{
	return e >= 0 && e < VSS_EVENT_COUNT ? events[e].word : "unknown";
}

int
vss_event_by_word(const char *word)
{
	for (int i = 0; i < VSS_EVENT_COUNT; i++)
		if (vss_term_same(events[i].word, word))
			return i;
	return -1;
}

enum vss_writer_state
vss_state_after(enum vss_event e, bool ok)
{
	if (e < 0 || e >= VSS_EVENT_COUNT)
		return VSS_WS_UNKNOWN;
	return ok ? events[e].good : events[e].bad;
}
