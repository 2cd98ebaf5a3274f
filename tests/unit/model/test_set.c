/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/set.h"

#include "base/mem.h"
#include "lib/cm.h"

static void
stamps_count_from_the_first(void **state)
{
	(void)state;
	struct vss_set *s = vss_set_new();
	vss_set_stamp(s, "set", "asked");
	vss_set_stamp(s, "writer books", "frozen");
	vss_set_add_stamp(s, "volume /a", "committed", 5000000000);
	assert_int_equal(s->nledger, 3);
	assert_int_equal(s->ledger[0].at_ns, 0);
	assert_true(s->ledger[1].at_ns >= 0 && s->ledger[1].at_ns < 5000000000);
	assert_string_equal(s->ledger[1].who, "writer books");
	assert_string_equal(s->ledger[1].what, "frozen");
	assert_int_equal(s->ledger[2].at_ns, 5000000000);
	vss_set_free(s);
}

static void
a_removed_shadow_leaves_the_others_in_order(void **state)
{
	(void)state;
	struct vss_set *s = vss_set_new();
	for (unsigned i = 0; i < 3; i++)
		vss_set_add_shadow(s)->mark = i;
	s->shadows[1].volume = vss_strdup("/b");
	vss_set_remove_shadow(s, 1);
	assert_int_equal(s->nshadows, 2);
	assert_int_equal(s->shadows[0].mark, 0);
	assert_int_equal(s->shadows[1].mark, 2);
	vss_set_remove_shadow(s, 1);
	assert_int_equal(s->nshadows, 1);
	vss_set_free(s);
}

static void
evidence_is_copied(void **state)
{
	(void)state;
	struct vss_set *s = vss_set_new();
	char value[] = "0/3000060";
	vss_set_writer_evidence(vss_set_add_writer(s), "lsn", value);
	value[0] = 'x';
	assert_string_equal(s->writers[0].evidence[0].key, "lsn");
	assert_string_equal(s->writers[0].evidence[0].value, "0/3000060");
	vss_set_free(s);
	vss_set_free(NULL);
}

static void
lists_are_sorted_by_age_then_id(void **state)
{
	(void)state;
	struct vss_set_list l = { 0 };
	static const struct {
		int64_t created;
		unsigned char id;
	} sets[] = { { 30, 1 }, { 10, 9 }, { 30, 0 }, { 20, 5 } };
	vss_set_list_sort(&l);
	for (size_t i = 0; i < 4; i++) {
		struct vss_set *s = vss_set_new();
		s->created_ns = sets[i].created;
		s->id.b[0] = sets[i].id;
		VSS_PUSH(l.v, l.n, l.cap) = s;
	}
	vss_set_list_sort(&l);
	static const unsigned char want[] = { 9, 5, 0, 1 };
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(l.v[i]->id.b[0], want[i]);
	vss_set_list_free(&l);
	assert_int_equal(l.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_count_from_the_first),
		cmocka_unit_test(a_removed_shadow_leaves_the_others_in_order),
		cmocka_unit_test(evidence_is_copied),
		cmocka_unit_test(lists_are_sorted_by_age_then_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
