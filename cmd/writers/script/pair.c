/* SPDX-License-Identifier: BSD-2-Clause */
#include "pair.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/child.h"
#include "os/trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
pair_clear(struct pair *p)
{
	for (size_t i = 0; i < p->nsteps; i++) {
		vss_strv_free(&p->steps[i].freeze);
		vss_strv_free(&p->steps[i].thaw);
	}
	free(p->steps);
	vss_strv_free(&p->dirs);
	free(p->from);
	free(p->name);
}

void
pairs_clear(struct pairs *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		pair_clear(&ps->v[i]);
	free(ps->v);
	*ps = (struct pairs){ NULL, 0, 0 };
}

struct step *
pair_add_step(struct pair *p)
{
	struct step *s = &VSS_PUSH(p->steps, p->nsteps, p->csteps);

	*s = (struct step){ .freeze_tries = 1, .thaw_tries = 1 };
	return s;
}

int
check_script(const char *path, struct vss_err *err)
{
	struct stat st;

	if (*path != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path", path);
	if (vss_check_trust(path, err) != 0)
		return -1;
	if (stat(path, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return vss_fail(err, VSS_DENIED, 0, "%s: not an executable file", path);
	return 0;
}

static int
run_once(const struct vss_strv *argv, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	/* Looked at each time: what was checked at identify may have been exchanged since. */
	if (check_script(argv->v[0], err) != 0)
		return -1;
	int status = vss_run_leaving((const char *const *)argv->v, vss_time_poll_ms(deadline), &text, err);
	if (status <= 0)
		return status;
	VSS_AUTOFREE char *said = vss_last_line(&text);
	return vss_fail(err, VSS_SYSTEM, 0, "%s%s%s: status %d%s%s", argv->v[0], argv->n > 1 ? " " : "",
		argv->n > 1 ? argv->v[1] : "", status, said ? ": " : "", said ? said : "");
}

int
run_script(const struct vss_strv *argv, unsigned tries, int64_t deadline, struct vss_err *err)
{
	do {
		if (run_once(argv, deadline, err) == 0)
			return 0;
	} while (--tries > 0 && vss_now_mono() < deadline);
	return -1;
}

int
pair_freeze(
	struct pair *p, int64_t deadline, int (*note)(void *ctx, struct vss_err *err), void *ctx, struct vss_err *err)
{
	int64_t own = vss_now_mono() + p->timeout_ms * VSS_MS;

	for (size_t i = 0; i < p->nsteps; i++) {
		struct step *s = &p->steps[i];

		s->begun = true;
		if (note(ctx, err) != 0) {
			s->begun = false;
			return -1;
		}
		if (run_script(&s->freeze, s->freeze_tries, own < deadline ? own : deadline, err) != 0)
			return -1;
	}
	return 0;
}

int
pair_thaw(struct pair *p, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + p->timeout_ms * VSS_MS;
	int result = 0;

	for (size_t i = p->nsteps; i-- > 0;) {
		struct step *s = &p->steps[i];
		struct vss_err why = VSS_ERR_INIT;

		if (!s->begun)
			continue;
		s->begun = run_script(&s->thaw, s->thaw_tries, deadline, &why) != 0;
		if (s->begun && result == 0) {
			*err = why;
			result = -1;
		}
	}
	return result;
}
