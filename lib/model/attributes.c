/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/term_internal.h"
#include "model/vocabulary.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	struct vss_term term;
	uint32_t flag;
} schema_flags[] = {
	{ { "VSS_BS_DIFFERENTIAL", "differential" }, VSS_BS_DIFFERENTIAL },
	{ { "VSS_BS_INCREMENTAL", "incremental" }, VSS_BS_INCREMENTAL },
	{ { "VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL", "exclusive" }, VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL },
	{ { "VSS_BS_LOG", "log" }, VSS_BS_LOG },
	{ { "VSS_BS_COPY", "copy" }, VSS_BS_COPY },
	{ { "VSS_BS_TIMESTAMPED", "timestamped" }, VSS_BS_TIMESTAMPED },
	{ { "VSS_BS_LAST_MODIFY", "last-modify" }, VSS_BS_LAST_MODIFY },
	{ { "VSS_BS_LSN", "lsn" }, VSS_BS_LSN },
	{ { "VSS_BS_WRITER_SUPPORTS_NEW_TARGET", "new-target" }, VSS_BS_WRITER_SUPPORTS_NEW_TARGET },
	{ { "VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE", "restore-with-move" },
		VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE },
	{ { "VSS_BS_INDEPENDENT_SYSTEM_STATE", "independent-system-state" }, VSS_BS_INDEPENDENT_SYSTEM_STATE },
	{ { "VSS_BS_ROLLFORWARD_RESTORE", "rollforward" }, VSS_BS_ROLLFORWARD_RESTORE },
	{ { "VSS_BS_RESTORE_RENAME", "restore-rename" }, VSS_BS_RESTORE_RENAME },
	{ { "VSS_BS_AUTHORITATIVE_RESTORE", "authoritative" }, VSS_BS_AUTHORITATIVE_RESTORE },
	{ { "VSS_BS_WRITER_SUPPORTS_PARALLEL_RESTORES", "parallel-restores" },
		VSS_BS_WRITER_SUPPORTS_PARALLEL_RESTORES },
};

uint32_t
vss_schema_flag_by_word(const char *w)
{
	for (size_t i = 0; i < sizeof schema_flags / sizeof *schema_flags; i++)
		if (vss_term_find(&schema_flags[i].term, 1, w) == 0)
			return schema_flags[i].flag;
	return 0;
}

static const struct {
	struct vss_term term;
	const char *label;
	uint32_t bits;
} contexts[] = {
	{ { "VSS_CTX_BACKUP", "backup" }, "Backup", VSS_CTX_BACKUP },
	{ { "VSS_CTX_FILE_SHARE_BACKUP", "file-share-backup" }, "FileShareBackup", VSS_CTX_FILE_SHARE_BACKUP },
	{ { "VSS_CTX_NAS_ROLLBACK", "nas-rollback" }, "DataVolumeRollback", VSS_CTX_NAS_ROLLBACK },
	{ { "VSS_CTX_APP_ROLLBACK", "app-rollback" }, "ApplicationRollback", VSS_CTX_APP_ROLLBACK },
	{ { "VSS_CTX_CLIENT_ACCESSIBLE", "client-accessible" }, "ClientAccessible", VSS_CTX_CLIENT_ACCESSIBLE },
	{ { "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS", "client-accessible-writers" }, "ClientAccessibleWriters",
		VSS_CTX_CLIENT_ACCESSIBLE_WRITERS },
};
#define CONTEXTS (sizeof contexts / sizeof *contexts)
#define CONTEXT_BITS (VSS_ATTR_PERSISTENT | VSS_ATTR_CLIENT_ACCESSIBLE | VSS_ATTR_NO_AUTO_RELEASE | VSS_ATTR_NO_WRITERS)

int
vss_context_by_word(const char *w, uint32_t *ctx)
{
	for (size_t i = 0; i < CONTEXTS; i++)
		if (vss_term_find(&contexts[i].term, 1, w) == 0) {
			*ctx = contexts[i].bits;
			return 0;
		}
	return -1;
}

/* The context of a copy is read from its attributes (S4); a mix that no context makes has none. */
static size_t
context_of(uint32_t attributes)
{
	size_t i = 0;
	while (i < CONTEXTS && contexts[i].bits != (attributes & CONTEXT_BITS))
		i++;
	return i;
}

const char *
vss_context_word(uint32_t attributes)
{
	size_t i = context_of(attributes);
	return i < CONTEXTS ? contexts[i].term.word : "other";
}

const char *
vss_context_label(uint32_t attributes)
{
	size_t i = context_of(attributes);
	return i < CONTEXTS ? contexts[i].label : "Other";
}

#define ATTR "VSS_VOLSNAP_ATTR_"
static const struct {
	uint32_t bit;
	struct vss_term term;
	const char *label;
} attributes_known[] = {
	/* vssadmin lists them by rising bits */
	{ VSS_ATTR_PERSISTENT, { ATTR "PERSISTENT", "persistent" }, "Persistent" },
	{ VSS_ATTR_NO_AUTORECOVERY, { ATTR "NO_AUTORECOVERY", "no-autorecovery" }, "No auto recovery" },
	{ VSS_ATTR_CLIENT_ACCESSIBLE, { ATTR "CLIENT_ACCESSIBLE", "client-accessible" }, "Client-accessible" },
	{ VSS_ATTR_NO_AUTO_RELEASE, { ATTR "NO_AUTO_RELEASE", "no-auto-release" }, "No auto release" },
	{ VSS_ATTR_NO_WRITERS, { ATTR "NO_WRITERS", "no-writers" }, "No writers" },
	{ VSS_ATTR_TRANSPORTABLE, { ATTR "TRANSPORTABLE", "transportable" }, "Transportable" },
	{ VSS_ATTR_NOT_SURFACED, { ATTR "NOT_SURFACED", "not-surfaced" }, "Not surfaced" },
	{ VSS_ATTR_NOT_TRANSACTED, { ATTR "NOT_TRANSACTED", "not-transacted" }, "Not transacted" },
	{ VSS_ATTR_HARDWARE_ASSISTED, { ATTR "HARDWARE_ASSISTED", "hardware-assisted" }, "Hardware assisted" },
	{ VSS_ATTR_DIFFERENTIAL, { ATTR "DIFFERENTIAL", "differential" }, "Differential" },
	{ VSS_ATTR_PLEX, { ATTR "PLEX", "plex" }, "Plex" },
	{ VSS_ATTR_IMPORTED, { ATTR "IMPORTED", "imported" }, "Imported" },
	{ VSS_ATTR_EXPOSED_LOCALLY, { ATTR "EXPOSED_LOCALLY", "exposed-locally" }, "Exposed locally" },
	{ VSS_ATTR_EXPOSED_REMOTELY, { ATTR "EXPOSED_REMOTELY", "exposed-remotely" }, "Exposed remotely" },
	{ VSS_ATTR_AUTORECOVER, { ATTR "AUTORECOVER", "autorecover" }, "Auto recovered" },
	{ VSS_ATTR_ROLLBACK_RECOVERY, { ATTR "ROLLBACK_RECOVERY", "rollback-recovery" }, "Rollback recovery" },
	{ VSS_ATTR_DELAYED_POSTSNAPSHOT, { ATTR "DELAYED_POSTSNAPSHOT", "delayed-postsnapshot" },
		"Delayed post-snapshot" },
	{ VSS_ATTR_TXF_RECOVERY, { ATTR "TXF_RECOVERY", "txf-recovery" }, "TxF recovery" },
	{ VSS_ATTR_FILE_SHARE, { ATTR "FILE_SHARE", "file-share" }, "File share" },
};
#define ATTRIBUTES (sizeof attributes_known / sizeof *attributes_known)

uint32_t
vss_attribute_by_word(const char *w)
{
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		const char *bare = attributes_known[i].term.name + strlen(ATTR);
		if (vss_term_find(&attributes_known[i].term, 1, w) == 0 || vss_term_same(bare, w))
			return attributes_known[i].bit;
	}
	return 0;
}

void
vss_attributes_label(uint32_t attributes, char *out, unsigned size)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (!(attributes & attributes_known[i].bit))
			continue;
		int n = snprintf(out + at, size - at, "%s%s", at ? ", " : "", attributes_known[i].label);
		if (n < 0 || (size_t)n >= size - at)
			return; /* cut, but closed by snprintf */
		at += (size_t)n;
	}
}
