/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_VOCABULARY_H
#define VSS_MODEL_VOCABULARY_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * The enumerations of VSS with their names as VSS spells them.  For each: `_name` gives the VSS name ("VSS_WS_STABLE"),
 * `_word` the word that documents and the protocol use ("STABLE", "full" ...), `_by_word` reads the name with or
 * without its prefix, or the word, in any case and with '-' for '_'; -1 when unknown (NULL is).  A number out of range
 * has the name and word of number 0.
 */

enum vss_writer_state { /* W43; the numbers are VSS's */
	VSS_WS_UNKNOWN = 0,
	VSS_WS_STABLE,
	VSS_WS_WAITING_FOR_FREEZE,
	VSS_WS_WAITING_FOR_THAW,
	VSS_WS_WAITING_FOR_POST_SNAPSHOT,
	VSS_WS_WAITING_FOR_BACKUP_COMPLETE,
	VSS_WS_FAILED_AT_IDENTIFY,
	VSS_WS_FAILED_AT_PREPARE_BACKUP,
	VSS_WS_FAILED_AT_PREPARE_SNAPSHOT,
	VSS_WS_FAILED_AT_FREEZE,
	VSS_WS_FAILED_AT_THAW,
	VSS_WS_FAILED_AT_POST_SNAPSHOT,
	VSS_WS_FAILED_AT_BACKUP_COMPLETE,
	VSS_WS_FAILED_AT_PRE_RESTORE,
	VSS_WS_FAILED_AT_POST_RESTORE,
	VSS_WS_FAILED_AT_BACKUPSHUTDOWN,
	VSS_WS_COUNT
};
const char *vss_writer_state_name(enum vss_writer_state s);
const char *vss_writer_state_word(enum vss_writer_state s); /* "FAILED_AT_FREEZE" */
/** vssadmin's label: Stable, Failed, Waiting for freeze, Frozen, Waiting for completion, Unknown (W45). */
const char *vss_writer_state_label(enum vss_writer_state s);
int vss_writer_state_by_word(const char *word);
bool vss_writer_state_is_failed(enum vss_writer_state s);
/** vssadmin's words for a writer's last error: "No error", "Retryable error", "Timed out" ... */
const char *vss_writer_error_label(enum vss_code code);

enum vss_event { /* the protocol's events, in the order of their life */
	VSS_EVENT_HELLO,
	VSS_EVENT_IDENTIFY,
	VSS_EVENT_PREPARE_BACKUP,
	VSS_EVENT_PREPARE_SNAPSHOT,
	VSS_EVENT_FREEZE,
	VSS_EVENT_THAW,
	VSS_EVENT_POST_SNAPSHOT,
	VSS_EVENT_ABORT,
	VSS_EVENT_BACKUP_COMPLETE,
	VSS_EVENT_BACKUP_SHUTDOWN,
	VSS_EVENT_PRE_RESTORE,
	VSS_EVENT_POST_RESTORE,
	VSS_EVENT_BYE,
	VSS_EVENT_COUNT
};
const char *vss_event_word(enum vss_event e); /* "prepare-backup" */
int vss_event_by_word(const char *word);
/** The state a writer is in after `e` went well, and after it failed (W43). ABORT and BYE: STABLE. HELLO fails as
 * IDENTIFY does. */
enum vss_writer_state vss_state_after(enum vss_event e, bool ok);

enum vss_usage {
	VSS_UT_UNDEFINED,
	VSS_UT_BOOTABLESYSTEMSTATE,
	VSS_UT_SYSTEMSERVICE,
	VSS_UT_USERDATA,
	VSS_UT_OTHER,
	VSS_UT_COUNT
};
enum vss_source { VSS_ST_UNDEFINED, VSS_ST_TRANSACTEDDB, VSS_ST_NONTRANSACTEDDB, VSS_ST_OTHER, VSS_ST_COUNT };
enum vss_restore_method { /* R16 */
	VSS_RME_UNDEFINED,
	VSS_RME_RESTORE_IF_NOT_THERE,
	VSS_RME_RESTORE_IF_CAN_REPLACE,
	VSS_RME_STOP_RESTORE_START,
	VSS_RME_RESTORE_TO_ALTERNATE_LOCATION,
	VSS_RME_RESTORE_AT_REBOOT,
	VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE,
	VSS_RME_CUSTOM,
	VSS_RME_RESTORE_STOP_START,
	VSS_RME_COUNT
};
enum vss_writer_restore { VSS_WRE_UNDEFINED, VSS_WRE_NEVER, VSS_WRE_IF_REPLACE_FAILS, VSS_WRE_ALWAYS, VSS_WRE_COUNT };
enum vss_component_type { VSS_CT_UNDEFINED, VSS_CT_DATABASE, VSS_CT_FILEGROUP, VSS_CT_COUNT };
enum vss_backup_type {
	VSS_BT_UNDEFINED,
	VSS_BT_FULL,
	VSS_BT_INCREMENTAL,
	VSS_BT_DIFFERENTIAL,
	VSS_BT_LOG,
	VSS_BT_COPY,
	VSS_BT_OTHER,
	VSS_BT_COUNT
};
enum vss_app_level { VSS_APP_FRONT_END = 1, VSS_APP_BACK_END, VSS_APP_SYSTEM }; /* freeze order W10 */
enum vss_file_restore_status { VSS_RS_UNDEFINED, VSS_RS_NONE, VSS_RS_ALL, VSS_RS_FAILED };
enum vss_restore_target { /* R25 */
	VSS_RT_UNDEFINED,
	VSS_RT_ORIGINAL, /* obey the method (R26); what a component without a word has */
	VSS_RT_ALTERNATE,
	VSS_RT_DIRECTED,
	VSS_RT_ORIGINAL_LOCATION,
	VSS_RT_COUNT
};
enum vss_rollforward { VSS_RF_UNDEFINED, VSS_RF_NONE, VSS_RF_ALL, VSS_RF_PARTIAL, VSS_RF_COUNT }; /* R45 */
enum vss_restore_type {
	VSS_RTYPE_UNDEFINED,
	VSS_RTYPE_BY_COPY,
	VSS_RTYPE_IMPORT,
	VSS_RTYPE_OTHER,
	VSS_RTYPE_COUNT
}; /* R46 */

const char *vss_usage_name(enum vss_usage u); /* "VSS_UT_USERDATA" */
const char *vss_usage_word(enum vss_usage u); /* "USER_DATA" as Windows documents have it */
int vss_usage_by_word(const char *w);
const char *vss_source_name(enum vss_source s);
const char *vss_source_word(enum vss_source s); /* "TRANSACTION_DB", "NONTRANSACTIONAL_DB", "OTHER" */
int vss_source_by_word(const char *w);
const char *vss_restore_method_name(enum vss_restore_method m);
const char *vss_restore_method_word(enum vss_restore_method m); /* "RESTORE_IF_CAN_BE_REPLACED" ... Q15 */
int vss_restore_method_by_word(const char *w);
const char *vss_writer_restore_name(enum vss_writer_restore w);
const char *vss_writer_restore_word(enum vss_writer_restore w); /* "never", "always", "IfReplaceFails" */
int vss_writer_restore_by_word(const char *w);
const char *vss_component_type_name(enum vss_component_type t); /* "VSS_CT_FILEGROUP" */
const char *vss_component_type_word(enum vss_component_type t); /* "database", "filegroup" */
int vss_component_type_by_word(const char *w);
const char *vss_backup_type_word(enum vss_backup_type t); /* "full" ... */
int vss_backup_type_by_word(const char *w);
const char *vss_app_level_word(enum vss_app_level l); /* "front-end" ... */
int vss_app_level_by_word(const char *w);
const char *vss_file_restore_status_word(enum vss_file_restore_status s); /* "none", "all", "failed" (R50) */
int vss_file_restore_status_by_word(const char *w);
const char *vss_restore_target_word(
	enum vss_restore_target t); /* "original", "alternate", "directed", "original-location" */
int vss_restore_target_by_word(const char *w);
const char *vss_rollforward_word(enum vss_rollforward r); /* "none", "all", "partial" */
int vss_rollforward_by_word(const char *w);
const char *vss_restore_type_word(enum vss_restore_type t); /* "by-copy", "import", "other" */
int vss_restore_type_by_word(const char *w);

/* Writer backup schema (B29), file-level masks (B32), component flags (C24..C26), contexts (S1) and attributes (S5):
 * VSS's numbers. */
#define VSS_BS_DIFFERENTIAL 0x1u
#define VSS_BS_INCREMENTAL 0x2u
#define VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL 0x4u
#define VSS_BS_LOG 0x8u
#define VSS_BS_COPY 0x10u
#define VSS_BS_TIMESTAMPED 0x20u
#define VSS_BS_LAST_MODIFY 0x40u
#define VSS_BS_LSN 0x80u
#define VSS_BS_WRITER_SUPPORTS_NEW_TARGET 0x100u
#define VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE 0x200u
#define VSS_BS_INDEPENDENT_SYSTEM_STATE 0x400u
#define VSS_BS_ROLLFORWARD_RESTORE 0x1000u
#define VSS_BS_RESTORE_RENAME 0x2000u
#define VSS_BS_AUTHORITATIVE_RESTORE 0x4000u
#define VSS_BS_WRITER_SUPPORTS_PARALLEL_RESTORES 0x8000u
/** One flag by its word ("differential", "timestamped", "new-target" ...), 0 when unknown. */
uint32_t vss_schema_flag_by_word(const char *w);

#define VSS_FSBT_ALL_BACKUP_REQUIRED 0xFu
#define VSS_FSBT_ALL_SNAPSHOT_REQUIRED 0xF00u
#define VSS_FSBT_DEFAULT 0xF0Fu /* 3855 */
#define VSS_FSBT_CREATED_DURING_BACKUP 0x10000u

#define VSS_CF_BACKUP_RECOVERY 0x1u
#define VSS_CF_APP_ROLLBACK_RECOVERY 0x2u
#define VSS_CF_NOT_SYSTEM_STATE 0x4u

#define VSS_ATTR_PERSISTENT 0x1u
#define VSS_ATTR_NO_AUTORECOVERY 0x2u
#define VSS_ATTR_CLIENT_ACCESSIBLE 0x4u
#define VSS_ATTR_NO_AUTO_RELEASE 0x8u
#define VSS_ATTR_NO_WRITERS 0x10u
#define VSS_ATTR_TRANSPORTABLE 0x20u
#define VSS_ATTR_NOT_SURFACED 0x40u
#define VSS_ATTR_NOT_TRANSACTED 0x80u
#define VSS_ATTR_HARDWARE_ASSISTED 0x10000u
#define VSS_ATTR_DIFFERENTIAL 0x20000u
#define VSS_ATTR_PLEX 0x40000u
#define VSS_ATTR_IMPORTED 0x80000u
#define VSS_ATTR_EXPOSED_LOCALLY 0x100000u
#define VSS_ATTR_EXPOSED_REMOTELY 0x200000u
#define VSS_ATTR_AUTORECOVER 0x400000u
#define VSS_ATTR_ROLLBACK_RECOVERY 0x800000u
#define VSS_ATTR_DELAYED_POSTSNAPSHOT 0x1000000u
#define VSS_ATTR_TXF_RECOVERY 0x2000000u
#define VSS_ATTR_FILE_SHARE 0x4000000u

#define VSS_CTX_BACKUP 0x0u
#define VSS_CTX_FILE_SHARE_BACKUP VSS_ATTR_NO_WRITERS
#define VSS_CTX_NAS_ROLLBACK (VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE | VSS_ATTR_NO_WRITERS)
#define VSS_CTX_APP_ROLLBACK (VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE)
#define VSS_CTX_CLIENT_ACCESSIBLE (VSS_CTX_NAS_ROLLBACK | VSS_ATTR_CLIENT_ACCESSIBLE)
#define VSS_CTX_CLIENT_ACCESSIBLE_WRITERS (VSS_CTX_APP_ROLLBACK | VSS_ATTR_CLIENT_ACCESSIBLE)

/** Context by word: "backup", "file-share-backup", "nas-rollback", "app-rollback", "client-accessible",
 * "client-accessible-writers"; 0 and *ctx, or -1. */
int vss_context_by_word(const char *w, uint32_t *ctx);
const char *vss_context_word(uint32_t attributes);
/** vssadmin's type of a copy: "DataVolumeRollback", "ClientAccessible", "ApplicationRollback", "Backup" ...  Only the
 * bits that make a context count; a mix that no context makes is "other" and "Other". */
const char *vss_context_label(uint32_t attributes);
/** One attribute by its name, with or without VSS_VOLSNAP_ATTR_, or its word ("no-autorecovery"); 0 when unknown. */
uint32_t vss_attribute_by_word(const char *w);
/** vssadmin's attribute list: "Persistent, No auto release, No writers, Differential"; `out` of at least 256 bytes. */
void vss_attributes_label(uint32_t attributes, char *out, unsigned size);

#endif
