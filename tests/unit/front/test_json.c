/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/json.h"

#include "front/sets.h"
#include "lib/cm.h"

#include <string.h>

static struct vss_set_list sets;
static struct vss_set *set;
static struct vss_buf text;
static struct vss_jw w;

static int
begin(void **state)
{
	(void)state;
	set = new_set(&sets, "11111111-0000-4000-8000-000000000001");
	new_shadow(set, "aaaaaaaa-0000-4000-8000-000000000001", "/mnt/a", "0a000000-1111-2222-3333-444444444444");
	vss_jw_init_buf(&w, &text, false);
	vss_jw_begin_object(&w);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	vss_set_list_free(&sets);
	vss_buf_free(&text);
	return 0;
}

static void
is(const char *wanted)
{
	struct vss_err err = VSS_ERR_INIT;
	vss_jw_end_object(&w);
	assert_int_equal(vss_jw_finish(&w, &err), 0);
	assert_string_equal(text.data, wanted);
}

#define SHADOW(grade, proof)                                                                                                             \
	"{\"id\":\"aaaaaaaa-0000-4000-8000-000000000001\",\"volume\":\"/mnt/a\",\"volume_id\":\"0a000000-1111-2222-3333-444444444444\"," \
	"\"provider\":\"btrfs\",\"device\":\"/run/vss/shadows/aaaaaaaa-0000-4000-8000-000000000001\",\"grade\":\"" grade                 \
	"\",\"held\":false,\"proof\":" proof "}\n"

static void
a_shadow_without_proof_has_null(void **state)
{
	(void)state;
	vss_front_json_shadow(&w, &set->shadows[0]);
	is(SHADOW("crash", "null"));
}

static void
the_proof_of_btrfs_is_its_generation(void **state)
{
	(void)state;
	set->shadows[0].proof_key = vss_strdup("generation");
	set->shadows[0].proof_value = UINT64_MAX;
	vss_front_json_shadow(&w, &set->shadows[0]);
	is(SHADOW("crash", "{\"generation\":18446744073709551615}"));
}

static void
a_writer_has_its_state_error_and_evidence(void **state)
{
	(void)state;
	struct vss_set_writer *x = vss_set_add_writer(set);
	x->id = uuid("22222222-0000-4000-8000-000000000001");
	x->name = vss_strdup("A \"Writer\"");
	x->state = VSS_WS_FAILED_AT_FREEZE;
	x->error = VSS_E_WRITERERROR_TIMEOUT;
	x->message = vss_strdup("too late");
	vss_set_writer_evidence(x, "lsn", "0/1");
	vss_front_json_writers(&w, set);
	is("{\"writers\":[{\"id\":\"22222222-0000-4000-8000-000000000001\",\"name\":\"A \\\"Writer\\\"\",\"state\":\"VSS_WS_FAILED_AT_FREEZE\","
	   "\"grade\":\"none\",\"error\":\"VSS_E_WRITERERROR_TIMEOUT\",\"message\":\"too late\",\"evidence\":{\"lsn\":\"0/1\"}}]}\n");
}

static void
what_is_not_known_is_null(void **state)
{
	(void)state;
	const struct vss_uuid nil = { { 0 } };
	vss_front_json_uuid(&w, "id", &nil);
	vss_front_json_time(&w, "created", 0);
	vss_front_json_code(&w, "error", VSS_OK);
	is("{\"id\":null,\"created\":null,\"error\":null}\n");
}

static void
times_are_rounded_to_the_microsecond_and_codes_of_our_own_are_failed(void **state)
{
	(void)state;
	vss_front_json_ms(&w, "freeze_ms", 12.34567);
	vss_front_json_ms(&w, "none", 0);
	vss_front_json_code(&w, "error", VSS_TIMEOUT);
	vss_front_json_time(&w, "created", set->created_ns);
	is("{\"freeze_ms\":12.346,\"none\":0.000,\"error\":\"FAILED\",\"created\":\"2027-01-15T08:00:00.000Z\"}\n");
}

static void
attributes_are_words(void **state)
{
	(void)state;
	vss_front_json_attributes(&w, VSS_CTX_NAS_ROLLBACK | VSS_ATTR_DIFFERENTIAL);
	is("{\"attributes\":[\"Persistent\",\"No auto release\",\"No writers\",\"Differential\"]}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_shadow_without_proof_has_null, begin, end),
		cmocka_unit_test_setup_teardown(the_proof_of_btrfs_is_its_generation, begin, end),
		cmocka_unit_test_setup_teardown(a_writer_has_its_state_error_and_evidence, begin, end),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_null, begin, end),
		cmocka_unit_test_setup_teardown(
			times_are_rounded_to_the_microsecond_and_codes_of_our_own_are_failed, begin, end),
		cmocka_unit_test_setup_teardown(attributes_are_words, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
