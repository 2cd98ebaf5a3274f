/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/vocabulary.h"

#include "model/term_internal.h"

#include <stddef.h>

static const struct vss_term usages[] = {
	[VSS_UT_UNDEFINED] = { "VSS_UT_UNDEFINED", "UNDEFINED" },
	[VSS_UT_BOOTABLESYSTEMSTATE] = { "VSS_UT_BOOTABLESYSTEMSTATE", "BOOTABLE_SYSTEM_STATE" },
	[VSS_UT_SYSTEMSERVICE] = { "VSS_UT_SYSTEMSERVICE", "SYSTEM_SERVICE" },
	[VSS_UT_USERDATA] = { "VSS_UT_USERDATA", "USER_DATA" },
	[VSS_UT_OTHER] = { "VSS_UT_OTHER", "OTHER" },
};
_Static_assert(sizeof usages / sizeof *usages == VSS_UT_COUNT, "a word for every usage");

const char *
vss_usage_name(enum vss_usage u)
{
	return vss_term_name(VSS_TERMS(usages), (int)u);
}

const char *
vss_usage_word(enum vss_usage u)
{
	return vss_term_word(VSS_TERMS(usages), (int)u);
}

int
vss_usage_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(usages), w);
}

static const struct vss_term sources[] = {
	[VSS_ST_UNDEFINED] = { "VSS_ST_UNDEFINED", "UNDEFINED" },
	[VSS_ST_TRANSACTEDDB] = { "VSS_ST_TRANSACTEDDB", "TRANSACTION_DB" },
	[VSS_ST_NONTRANSACTEDDB] = { "VSS_ST_NONTRANSACTEDDB", "NONTRANSACTIONAL_DB" },
	[VSS_ST_OTHER] = { "VSS_ST_OTHER", "OTHER" },
};
_Static_assert(sizeof sources / sizeof *sources == VSS_ST_COUNT, "a word for every source");

const char *
vss_source_name(enum vss_source s)
{
	return vss_term_name(VSS_TERMS(sources), (int)s);
}

const char *
vss_source_word(enum vss_source s)
{
	return vss_term_word(VSS_TERMS(sources), (int)s);
}

int
vss_source_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(sources), w);
}

/* The last one is newer than the documents that are about; its word is its name. */
static const struct vss_term methods[] = {
	[VSS_RME_UNDEFINED] = { "VSS_RME_UNDEFINED", "UNDEFINED" },
	[VSS_RME_RESTORE_IF_NOT_THERE] = { "VSS_RME_RESTORE_IF_NOT_THERE", "RESTORE_IF_NONE_THERE" },
	[VSS_RME_RESTORE_IF_CAN_REPLACE] = { "VSS_RME_RESTORE_IF_CAN_REPLACE", "RESTORE_IF_CAN_BE_REPLACED" },
	[VSS_RME_STOP_RESTORE_START] = { "VSS_RME_STOP_RESTORE_START", "STOP_RESTART_SERVICE" },
	[VSS_RME_RESTORE_TO_ALTERNATE_LOCATION] = { "VSS_RME_RESTORE_TO_ALTERNATE_LOCATION",
		"RESTORE_TO_ALTERNATE_LOCATION" },
	[VSS_RME_RESTORE_AT_REBOOT] = { "VSS_RME_RESTORE_AT_REBOOT", "REPLACE_AT_REBOOT" },
	[VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE] = { "VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
		"REPLACE_AT_REBOOT_IF_CANNOT_REPLACE" },
	[VSS_RME_CUSTOM] = { "VSS_RME_CUSTOM", "CUSTOM" },
	[VSS_RME_RESTORE_STOP_START] = { "VSS_RME_RESTORE_STOP_START", "RESTORE_STOP_START" },
};
_Static_assert(sizeof methods / sizeof *methods == VSS_RME_COUNT, "a word for every restore method");

const char *
vss_restore_method_name(enum vss_restore_method m)
{
	return vss_term_name(VSS_TERMS(methods), (int)m);
}

const char *
vss_restore_method_word(enum vss_restore_method m)
{
	return vss_term_word(VSS_TERMS(methods), (int)m);
}

int
vss_restore_method_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(methods), w);
}

static const struct vss_term participations[] = {
	[VSS_WRE_UNDEFINED] = { "VSS_WRE_UNDEFINED", "undefined" },
	[VSS_WRE_NEVER] = { "VSS_WRE_NEVER", "never" },
	[VSS_WRE_IF_REPLACE_FAILS] = { "VSS_WRE_IF_REPLACE_FAILS", "ifReplaceFails" },
	[VSS_WRE_ALWAYS] = { "VSS_WRE_ALWAYS", "always" },
};
_Static_assert(sizeof participations / sizeof *participations == VSS_WRE_COUNT, "a word for every participation");

const char *
vss_writer_restore_name(enum vss_writer_restore w)
{
	return vss_term_name(VSS_TERMS(participations), (int)w);
}

const char *
vss_writer_restore_word(enum vss_writer_restore w)
{
	return vss_term_word(VSS_TERMS(participations), (int)w);
}

int
vss_writer_restore_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(participations), w);
}

static const struct vss_term component_types[] = {
	[VSS_CT_UNDEFINED] = { "VSS_CT_UNDEFINED", "undefined" },
	[VSS_CT_DATABASE] = { "VSS_CT_DATABASE", "database" },
	[VSS_CT_FILEGROUP] = { "VSS_CT_FILEGROUP", "filegroup" },
};
_Static_assert(sizeof component_types / sizeof *component_types == VSS_CT_COUNT, "a word for every component type");

const char *
vss_component_type_name(enum vss_component_type t)
{
	return vss_term_name(VSS_TERMS(component_types), (int)t);
}

const char *
vss_component_type_word(enum vss_component_type t)
{
	return vss_term_word(VSS_TERMS(component_types), (int)t);
}

int
vss_component_type_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(component_types), w);
}

static const struct vss_term backup_types[] = {
	[VSS_BT_UNDEFINED] = { "VSS_BT_UNDEFINED", "undefined" },
	[VSS_BT_FULL] = { "VSS_BT_FULL", "full" },
	[VSS_BT_INCREMENTAL] = { "VSS_BT_INCREMENTAL", "incremental" },
	[VSS_BT_DIFFERENTIAL] = { "VSS_BT_DIFFERENTIAL", "differential" },
	[VSS_BT_LOG] = { "VSS_BT_LOG", "log" },
	[VSS_BT_COPY] = { "VSS_BT_COPY", "copy" },
	[VSS_BT_OTHER] = { "VSS_BT_OTHER", "other" },
};
_Static_assert(sizeof backup_types / sizeof *backup_types == VSS_BT_COUNT, "a word for every backup type");

const char *
vss_backup_type_word(enum vss_backup_type t)
{
	return vss_term_word(VSS_TERMS(backup_types), (int)t);
}

int
vss_backup_type_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(backup_types), w);
}

/* VSS numbers its levels from 1; member 0 repeats the default (W10), which is what an unknown number means. */
static const struct vss_term levels[] = {
	[0] = { "VSS_APP_FRONT_END", "front-end" },
	[VSS_APP_FRONT_END] = { "VSS_APP_FRONT_END", "front-end" },
	[VSS_APP_BACK_END] = { "VSS_APP_BACK_END", "back-end" },
	[VSS_APP_SYSTEM] = { "VSS_APP_SYSTEM", "system" },
};

const char *
vss_app_level_word(enum vss_app_level l)
{
	return vss_term_word(VSS_TERMS(levels), (int)l);
}

int
vss_app_level_by_word(const char *w)
{
	int i = vss_term_find(VSS_TERMS(levels), w);
	return i == 0 ? VSS_APP_FRONT_END : i;
}

static const struct vss_term file_restore_statuses[] = {
	[VSS_RS_UNDEFINED] = { "VSS_RS_UNDEFINED", "undefined" },
	[VSS_RS_NONE] = { "VSS_RS_NONE", "none" },
	[VSS_RS_ALL] = { "VSS_RS_ALL", "all" },
	[VSS_RS_FAILED] = { "VSS_RS_FAILED", "failed" },
};

const char *
vss_file_restore_status_word(enum vss_file_restore_status s)
{
	return vss_term_word(VSS_TERMS(file_restore_statuses), (int)s);
}

int
vss_file_restore_status_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(file_restore_statuses), w);
}

static const struct vss_term restore_targets[] = {
	[VSS_RT_UNDEFINED] = { "VSS_RT_UNDEFINED", "undefined" },
	[VSS_RT_ORIGINAL] = { "VSS_RT_ORIGINAL", "original" },
	[VSS_RT_ALTERNATE] = { "VSS_RT_ALTERNATE", "alternate" },
	[VSS_RT_DIRECTED] = { "VSS_RT_DIRECTED", "directed" },
	[VSS_RT_ORIGINAL_LOCATION] = { "VSS_RT_ORIGINAL_LOCATION", "original-location" },
};
_Static_assert(sizeof restore_targets / sizeof *restore_targets == VSS_RT_COUNT, "a word for every restore target");

const char *
vss_restore_target_word(enum vss_restore_target t)
{
	return vss_term_word(VSS_TERMS(restore_targets), (int)t);
}

int
vss_restore_target_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(restore_targets), w);
}

static const struct vss_term rollforwards[] = {
	[VSS_RF_UNDEFINED] = { "VSS_RF_UNDEFINED", "undefined" },
	[VSS_RF_NONE] = { "VSS_RF_NONE", "none" },
	[VSS_RF_ALL] = { "VSS_RF_ALL", "all" },
	[VSS_RF_PARTIAL] = { "VSS_RF_PARTIAL", "partial" },
};
_Static_assert(sizeof rollforwards / sizeof *rollforwards == VSS_RF_COUNT, "a word for every roll-forward");

const char *
vss_rollforward_word(enum vss_rollforward r)
{
	return vss_term_word(VSS_TERMS(rollforwards), (int)r);
}

int
vss_rollforward_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(rollforwards), w);
}

static const struct vss_term restore_types[] = {
	[VSS_RTYPE_UNDEFINED] = { "VSS_RTYPE_UNDEFINED", "undefined" },
	[VSS_RTYPE_BY_COPY] = { "VSS_RTYPE_BY_COPY", "by-copy" },
	[VSS_RTYPE_IMPORT] = { "VSS_RTYPE_IMPORT", "import" },
	[VSS_RTYPE_OTHER] = { "VSS_RTYPE_OTHER", "other" },
};
_Static_assert(sizeof restore_types / sizeof *restore_types == VSS_RTYPE_COUNT, "a word for every restore type");

const char *
vss_restore_type_word(enum vss_restore_type t)
{
	return vss_term_word(VSS_TERMS(restore_types), (int)t);
}

int
vss_restore_type_by_word(const char *w)
{
	return vss_term_find(VSS_TERMS(restore_types), w);
}
