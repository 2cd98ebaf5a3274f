/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/cm.h"

#include "archive/pool_internal.h"

#include <sched.h>
#include <stdatomic.h>

struct task {
	int in, out;
};

static atomic_int running, most;

static void
work(void *ctx, unsigned worker, void *item)
{
	struct task *t = item;
	int now = atomic_fetch_add(&running, 1) + 1, seen = atomic_load(&most);

	while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
		;
	assert_true(worker < 3);
	for (int i = 0; i < t->in % 7; i++) /* some take longer than the one behind them */
		sched_yield();
	t->out = t->in * *(int *)ctx;
	atomic_fetch_sub(&running, 1);
}

static void
results_come_in_the_order_of_the_work(void **state)
{
	struct task tasks[8];
	struct vss_err err = VSS_ERR_INIT;
	int factor = 3, taken = 0;
	struct vss_pool *p = vss_pool_new(3, 8, work, &factor, &err);

	(void)state;
	assert_non_null(p);
	for (int i = 0; i < 10000; i++) {
		if (vss_pool_is_full(p)) {
			struct task *t = vss_pool_take(p);

			assert_int_equal(t->in, taken);
			assert_int_equal(t->out, 3 * taken++);
		}
		tasks[i % 8] = (struct task){ .in = i };
		vss_pool_give(p, &tasks[i % 8]);
	}
	for (struct task *t; (t = vss_pool_take(p)); taken++)
		assert_int_equal(t->out, 3 * taken);
	assert_int_equal(taken, 10000);
	assert_true(atomic_load(&most) <= 3);
	vss_pool_free(p);
}

static void
it_can_be_left_with_work_under_way(void **state)
{
	struct task tasks[8];
	struct vss_err err = VSS_ERR_INIT;
	int factor = 1;

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct vss_pool *p = vss_pool_new(3, 8, work, &factor, &err);

		for (int k = 0; k < 8; k++) {
			tasks[k] = (struct task){ .in = k };
			vss_pool_give(p, &tasks[k]);
		}
		vss_pool_free(p);
	}
	vss_pool_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_in_the_order_of_the_work),
		cmocka_unit_test(it_can_be_left_with_work_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
