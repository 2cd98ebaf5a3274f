/* SPDX-License-Identifier: BSD-2-Clause */
#include "redo.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MS = 10 };

struct lsn {
	uint64_t current, flushed;
};

static void
keep(void *ctx, const char *const *columns, unsigned n)
{
	struct lsn *l = ctx;

	if (n < 2 || !columns[0] || !columns[1])
		return;
	/* What is no number is left at 0. */
	if (strcmp(columns[0], "Innodb_lsn_current") == 0)
		(void)vss_parse_u64(columns[1], &l->current);
	else if (strcmp(columns[0], "Innodb_lsn_flushed") == 0)
		(void)vss_parse_u64(columns[1], &l->flushed);
}

static int
ask(struct server *s, struct lsn *out, struct vss_err *err)
{
	*out = (struct lsn){ 0, 0 };
	return server_rows(s, "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_lsn_current', 'Innodb_lsn_flushed')",
		keep, out, err);
}

int
redo_wait(struct server *s, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOFREE char *late =
		server_value(s, "SELECT 1 FROM DUAL WHERE @@GLOBAL.innodb_flush_log_at_trx_commit = 0");
	struct lsn first, now;

	if (!late)
		return 0;
	if (ask(s, &first, err) != 0)
		return -1;
	for (now = first; now.flushed < first.current;) {
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_BUSY, 0, "its log was not written within the time for locks");
		poll(NULL, 0, STEP_MS);
		if (ask(s, &now, err) != 0)
			return -1;
	}
	return 0;
}
