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

static const struct {
	uint32_t bit;
	const char *label;
} attribute_labels[] = {
	/* vssadmin lists them by rising bits */
	{ VSS_ATTR_PERSISTENT, "Persistent" },
	{ VSS_ATTR_NO_AUTORECOVERY, "No auto recovery" },
	{ VSS_ATTR_CLIENT_ACCESSIBLE, "Client-accessible" },
	{ VSS_ATTR_NO_AUTO_RELEASE, "No auto release" },
	{ VSS_ATTR_NO_WRITERS, "No writers" },
	{ VSS_ATTR_TRANSPORTABLE, "Transportable" },
	{ VSS_ATTR_NOT_SURFACED, "Not surfaced" },
	{ VSS_ATTR_HARDWARE_ASSISTED, "Hardware assisted" },
	{ VSS_ATTR_DIFFERENTIAL, "Differential" },
	{ VSS_ATTR_PLEX, "Plex" },
	{ VSS_ATTR_IMPORTED, "Imported" },
	{ VSS_ATTR_EXPOSED_LOCALLY, "Exposed locally" },
	{ VSS_ATTR_EXPOSED_REMOTELY, "Exposed remotely" },
	{ VSS_ATTR_AUTORECOVER, "Auto recovered" },
	{ VSS_ATTR_ROLLBACK_RECOVERY, "Rollback recovery" },
};

void
vss_attributes_label(uint32_t attributes, char *out, unsigned size)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < sizeof attribute_labels / sizeof *attribute_labels; i++) {
		if (!(attributes & attribute_labels[i].bit))
			continue;
		int n = snprintf(out + at, size - at, "%s%s", at ? ", " : "", attribute_labels[i].label);
		if (n < 0 || (size_t)n >= size - at)
			return; /* cut, but closed by snprintf */
		at += (size_t)n;
	}
}
