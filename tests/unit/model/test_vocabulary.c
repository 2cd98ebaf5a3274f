/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/vocabulary.h"

#include "lib/cm.h"

#include <string.h>

/* Every member is found again by its VSS name, by the name without its prefix, and by its word. */
#define CHECK_ALL(count, name, word, by_word)                                                                          \
	do {                                                                                                           \
		for (int i = 0; i < (count); i++) {                                                                    \
			const char *full = name(i), *bare = strchr(full + strlen("VSS_"), '_') + 1;                    \
			assert_int_equal(by_word(full), i);                                                            \
			assert_int_equal(by_word(bare), i);                                                            \
			assert_int_equal(by_word(word(i)), i);                                                         \
		}                                                                                                      \
		assert_int_equal(by_word("nonsense"), -1);                                                             \
		assert_int_equal(by_word(""), -1);                                                                     \
		assert_int_equal(by_word(NULL), -1);                                                                   \
	} while (0)

static void
every_name_and_word_is_read_back(void **state)
{
	(void)state;
	CHECK_ALL(VSS_WS_COUNT, vss_writer_state_name, vss_writer_state_word, vss_writer_state_by_word);
	CHECK_ALL(VSS_UT_COUNT, vss_usage_name, vss_usage_word, vss_usage_by_word);
	CHECK_ALL(VSS_ST_COUNT, vss_source_name, vss_source_word, vss_source_by_word);
	CHECK_ALL(VSS_RME_COUNT, vss_restore_method_name, vss_restore_method_word, vss_restore_method_by_word);
	CHECK_ALL(VSS_WRE_COUNT, vss_writer_restore_name, vss_writer_restore_word, vss_writer_restore_by_word);
	CHECK_ALL(VSS_CT_COUNT, vss_component_type_name, vss_component_type_word, vss_component_type_by_word);
}

static void
words_for_restore_are_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < VSS_RT_COUNT; i++)
		assert_int_equal(vss_restore_target_by_word(vss_restore_target_word((enum vss_restore_target)i)), i);
	for (int i = 0; i < VSS_RF_COUNT; i++)
		assert_int_equal(vss_rollforward_by_word(vss_rollforward_word((enum vss_rollforward)i)), i);
	for (int i = 0; i < VSS_RTYPE_COUNT; i++)
		assert_int_equal(vss_restore_type_by_word(vss_restore_type_word((enum vss_restore_type)i)), i);
	assert_int_equal(vss_rollforward_by_word("VSS_RF_PARTIAL"), VSS_RF_PARTIAL);
	assert_int_equal(vss_restore_type_by_word("BY_COPY"), VSS_RTYPE_BY_COPY);
	assert_int_equal(vss_restore_target_by_word("Original-Location"), VSS_RT_ORIGINAL_LOCATION);
	assert_int_equal(vss_restore_target_by_word("VSS_RT_DIRECTED"), VSS_RT_DIRECTED);
	assert_int_equal(vss_restore_target_by_word("new"), -1); /* withdrawn */
	assert_int_equal(vss_rollforward_by_word(NULL), -1);
	assert_int_equal(vss_restore_type_by_word("copy"), -1);
}

static void
words_are_those_of_windows_documents(void **state)
{
	(void)state;
	assert_string_equal(vss_usage_word(VSS_UT_USERDATA), "USER_DATA");
	assert_string_equal(vss_usage_word(VSS_UT_BOOTABLESYSTEMSTATE), "BOOTABLE_SYSTEM_STATE");
	assert_string_equal(vss_source_word(VSS_ST_TRANSACTEDDB), "TRANSACTION_DB");
	assert_string_equal(vss_source_word(VSS_ST_NONTRANSACTEDDB), "NONTRANSACTIONAL_DB");
	assert_string_equal(vss_restore_method_word(VSS_RME_RESTORE_IF_CAN_REPLACE), "RESTORE_IF_CAN_BE_REPLACED");
	assert_string_equal(vss_restore_method_word(VSS_RME_STOP_RESTORE_START), "STOP_RESTART_SERVICE");
	assert_string_equal(vss_writer_restore_word(VSS_WRE_IF_REPLACE_FAILS), "ifReplaceFails");
	assert_string_equal(vss_component_type_word(VSS_CT_FILEGROUP), "filegroup");
	assert_string_equal(vss_backup_type_word(VSS_BT_DIFFERENTIAL), "differential");
}

static void
case_and_dashes_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(vss_usage_by_word("user-data"), VSS_UT_USERDATA);
	assert_int_equal(vss_usage_by_word("UserData"), VSS_UT_USERDATA);
	assert_int_equal(vss_writer_restore_by_word("IfReplaceFails"), VSS_WRE_IF_REPLACE_FAILS);
	assert_int_equal(vss_writer_restore_by_word("if-replace-fails"), VSS_WRE_IF_REPLACE_FAILS);
	assert_int_equal(vss_restore_method_by_word("restore_if_can_replace"), VSS_RME_RESTORE_IF_CAN_REPLACE);
	assert_int_equal(vss_restore_method_by_word("restore-if-can-be-replaced"), VSS_RME_RESTORE_IF_CAN_REPLACE);
	assert_int_equal(vss_backup_type_by_word("VSS_BT_INCREMENTAL"), VSS_BT_INCREMENTAL);
	assert_int_equal(vss_backup_type_by_word("Copy"), VSS_BT_COPY);
	assert_int_equal(vss_file_restore_status_by_word("FAILED"), VSS_RS_FAILED);
	assert_string_equal(vss_file_restore_status_word(VSS_RS_ALL), "all");
}

static void
a_number_out_of_range_has_the_first_word(void **state)
{
	(void)state;
	assert_string_equal(vss_writer_state_name((enum vss_writer_state)99), "VSS_WS_UNKNOWN");
	assert_string_equal(vss_usage_word((enum vss_usage)99), "UNDEFINED");
	assert_string_equal(vss_event_word((enum vss_event)99), "unknown");
}

static void
levels_are_numbered_from_one(void **state)
{
	(void)state;
	assert_int_equal(vss_app_level_by_word("front-end"), VSS_APP_FRONT_END);
	assert_int_equal(vss_app_level_by_word("back-end"), VSS_APP_BACK_END);
	assert_int_equal(vss_app_level_by_word("system"), VSS_APP_SYSTEM);
	assert_int_equal(vss_app_level_by_word("middle"), -1);
	assert_string_equal(vss_app_level_word(VSS_APP_BACK_END), "back-end");
	assert_int_equal(VSS_APP_FRONT_END, 1);
}

static void
states_have_the_numbers_and_labels_of_vssadmin(void **state)
{
	(void)state;
	static const char *const labels[VSS_WS_COUNT] = { "Unknown", "Stable", "Waiting for freeze", "Frozen",
		"Waiting for completion", "Waiting for completion" };
	for (int i = 0; i < VSS_WS_COUNT; i++) {
		assert_string_equal(vss_writer_state_label((enum vss_writer_state)i), labels[i] ? labels[i] : "Failed");
		assert_int_equal(vss_writer_state_is_failed((enum vss_writer_state)i), i >= 6);
	}
	assert_int_equal(VSS_WS_WAITING_FOR_BACKUP_COMPLETE, 5);
	assert_int_equal(VSS_WS_FAILED_AT_BACKUPSHUTDOWN, 15);
	assert_string_equal(vss_writer_state_label((enum vss_writer_state)99), "Unknown");
}

static void
errors_have_the_labels_of_vssadmin(void **state)
{
	(void)state;
	assert_string_equal(vss_writer_error_label(VSS_OK), "No error");
	assert_string_equal(vss_writer_error_label(VSS_E_WRITERERROR_RETRYABLE), "Retryable error");
	assert_string_equal(vss_writer_error_label(VSS_E_WRITERERROR_TIMEOUT), "Timed out");
	assert_string_equal(vss_writer_error_label(VSS_SYSTEM), "Unexpected error");
}

static void
events_lead_through_the_states(void **state)
{
	(void)state;
	static const struct {
		const char *event;
		enum vss_writer_state good, bad;
	} steps[] = {
		{ "identify", VSS_WS_STABLE, VSS_WS_FAILED_AT_IDENTIFY },
		{ "prepare-backup", VSS_WS_STABLE, VSS_WS_FAILED_AT_PREPARE_BACKUP },
		{ "prepare-snapshot", VSS_WS_WAITING_FOR_FREEZE, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT },
		{ "freeze", VSS_WS_WAITING_FOR_THAW, VSS_WS_FAILED_AT_FREEZE },
		{ "thaw", VSS_WS_WAITING_FOR_POST_SNAPSHOT, VSS_WS_FAILED_AT_THAW },
		{ "post-snapshot", VSS_WS_WAITING_FOR_BACKUP_COMPLETE, VSS_WS_FAILED_AT_POST_SNAPSHOT },
		{ "backup-complete", VSS_WS_STABLE, VSS_WS_FAILED_AT_BACKUP_COMPLETE },
		{ "backup-shutdown", VSS_WS_STABLE, VSS_WS_FAILED_AT_BACKUPSHUTDOWN },
		{ "abort", VSS_WS_STABLE, VSS_WS_STABLE },
		{ "pre-restore", VSS_WS_STABLE, VSS_WS_FAILED_AT_PRE_RESTORE },
		{ "post-restore", VSS_WS_STABLE, VSS_WS_FAILED_AT_POST_RESTORE },
		{ "bye", VSS_WS_STABLE, VSS_WS_STABLE },
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int e = vss_event_by_word(steps[i].event);
		assert_in_range(e, 0, VSS_EVENT_COUNT - 1);
		assert_string_equal(vss_event_word((enum vss_event)e), steps[i].event);
		assert_int_equal(vss_state_after((enum vss_event)e, true), steps[i].good);
		assert_int_equal(vss_state_after((enum vss_event)e, false), steps[i].bad);
	}
	assert_int_equal(vss_event_by_word("dinner"), -1);
}

static void
schema_flags_are_known_by_word_and_name(void **state)
{
	(void)state;
	assert_int_equal(vss_schema_flag_by_word("differential"), VSS_BS_DIFFERENTIAL);
	assert_int_equal(vss_schema_flag_by_word("new-target"), VSS_BS_WRITER_SUPPORTS_NEW_TARGET);
	assert_int_equal(vss_schema_flag_by_word("VSS_BS_TIMESTAMPED"), VSS_BS_TIMESTAMPED);
	assert_int_equal(vss_schema_flag_by_word("exclusive-incremental-differential"),
		VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL);
	assert_int_equal(vss_schema_flag_by_word("everything"), 0);
}

static void
contexts_have_the_numbers_of_vss(void **state)
{
	(void)state;
	static const struct {
		const char *word, *label;
		uint32_t bits;
	} contexts[] = { { "backup", "Backup", 0 }, { "file-share-backup", "FileShareBackup", 0x10 },
		{ "nas-rollback", "DataVolumeRollback", 0x19 }, { "app-rollback", "ApplicationRollback", 0x09 },
		{ "client-accessible", "ClientAccessible", 0x1D },
		{ "client-accessible-writers", "ClientAccessibleWriters", 0x0D } };
	uint32_t bits = 99;
	for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
		assert_int_equal(vss_context_by_word(contexts[i].word, &bits), 0);
		assert_int_equal(bits, contexts[i].bits);
		assert_string_equal(vss_context_word(bits | VSS_ATTR_DIFFERENTIAL), contexts[i].word);
		assert_string_equal(vss_context_label(bits | VSS_ATTR_EXPOSED_LOCALLY), contexts[i].label);
	}
	assert_int_equal(vss_context_by_word("VSS_CTX_NAS_ROLLBACK", &bits), 0);
	assert_int_equal(bits, 0x19);
	assert_int_equal(vss_context_by_word("all", &bits), -1);
	assert_string_equal(vss_context_word(VSS_ATTR_CLIENT_ACCESSIBLE), "other");
}

static void
attributes_are_listed_in_the_order_of_vssadmin(void **state)
{
	(void)state;
	char out[256];
	vss_attributes_label(
		VSS_CTX_CLIENT_ACCESSIBLE_WRITERS | VSS_ATTR_DIFFERENTIAL | VSS_ATTR_AUTORECOVER, out, sizeof out);
	assert_string_equal(out, "Persistent, Client-accessible, No auto release, Differential, Auto recovered");
	vss_attributes_label(VSS_CTX_NAS_ROLLBACK | VSS_ATTR_DIFFERENTIAL, out, sizeof out);
	assert_string_equal(out, "Persistent, No auto release, No writers, Differential");
	vss_attributes_label(0, out, sizeof out);
	assert_string_equal(out, "");
	vss_attributes_label(0xFFFFFFFFu, out, sizeof out);
	assert_non_null(strstr(out, ", Rollback recovery"));
}

static void
attributes_have_the_numbers_of_vss(void **state)
{
	(void)state;
	assert_int_equal(vss_attribute_by_word("VSS_VOLSNAP_ATTR_NO_AUTORECOVERY"), 0x2);
	assert_int_equal(vss_attribute_by_word("no-autorecovery"), 0x2);
	assert_int_equal(vss_attribute_by_word("Not_Transacted"), 0x80);
	assert_int_equal(vss_attribute_by_word("TXF_RECOVERY"), 0x2000000);
	assert_int_equal(vss_attribute_by_word("file-share"), 0x4000000);
	assert_int_equal(vss_attribute_by_word("delayed-postsnapshot"), 0x1000000);
	assert_int_equal(vss_attribute_by_word("everything"), 0);
	assert_int_equal(vss_attribute_by_word(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_and_word_is_read_back),
		cmocka_unit_test(words_for_restore_are_read_back),
		cmocka_unit_test(words_are_those_of_windows_documents),
		cmocka_unit_test(case_and_dashes_do_not_count),
		cmocka_unit_test(a_number_out_of_range_has_the_first_word),
		cmocka_unit_test(levels_are_numbered_from_one),
		cmocka_unit_test(states_have_the_numbers_and_labels_of_vssadmin),
		cmocka_unit_test(errors_have_the_labels_of_vssadmin),
		cmocka_unit_test(events_lead_through_the_states),
		cmocka_unit_test(schema_flags_are_known_by_word_and_name),
		cmocka_unit_test(contexts_have_the_numbers_of_vss),
		cmocka_unit_test(attributes_are_listed_in_the_order_of_vssadmin),
		cmocka_unit_test(attributes_have_the_numbers_of_vss),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
