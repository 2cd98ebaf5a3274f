/* SPDX-License-Identifier: BSD-2-Clause */
#include "actions.h"
#include "keep.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "cli/opt.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct vss_opt opts[] = {
	VSS_END,
};
static const char *const synopsis[] = { "SCRIPT", NULL };
static const struct vss_tool tool = {
	.name = "vss-test-provider",
	.synopsis = synopsis,
	.purpose = "A provider that copies directories, and does what a script tells it, to test requesters with.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
};

/* One write for one event, so that lines of several processes in one file stay whole. */
static void
log_event(const struct test_provider *t, const struct vss_sdk *w)
{
	VSS_AUTOFREE char *line = vss_strf("%s pid=%d%s%s\n", vss_sdk_event(w), (int)getpid(),
		vss_sdk_arg(w, "set") ? " set=" : "", vss_sdk_arg(w, "set") ? vss_sdk_arg(w, "set") : "");
	struct vss_err err = VSS_ERR_INIT;

	if (!t->script.log)
		return;
	int fd = open(t->script.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || vss_write_all(fd, line, strlen(line), &err) != 0 || close(fd) != 0)
		abort(); /* whoever asks the log must not be told less than what happened */
}

static int
answer_failure(struct vss_sdk *w, const struct vss_err *err)
{
	return vss_sdk_fail(
		w, err->code == VSS_NOSPACE ? "VSS_E_INSUFFICIENT_STORAGE" : "VSS_E_PROVIDER_VETO", 0, "%s", err->text);
}

/* --- The work of each event --- */

static int
on_hello(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	(void)err;
	vss_sdk_answer(w, "version", "1");
	vss_sdk_answer(w, "provider-version", VSS_VERSION);
	for (size_t i = 0; i < t->script.can.npairs; i++)
		vss_sdk_answer(w, t->script.can.pairs[i].key, t->script.can.pairs[i].value);
	return 0;
}

static int
on_volume(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	const char *mount = vss_sdk_line_get(w, 0, "mount");
	bool ours = t->script.volumes.n == 0 || (mount && vss_strv_has(&t->script.volumes, mount));

	(void)err;
	vss_sdk_answer(w, "bid", !ours ? "0" : t->script.bid ? t->script.bid : "50");
	return 0;
}

static int
on_plan(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	(void)err;
	vss_sdk_answer(w, "instant", t->script.instant ? t->script.instant : "one");
	return 0;
}

/* S78: a set of before that nobody has ended is dropped. */
static int
on_begin(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	if (t->set && keep_delete_set(t->keepfd, t->set, err) != 0)
		return -1;
	free(t->set);
	t->set = vss_strdup(vss_sdk_arg(w, "set"));
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		if (keep_begin(t->keepfd, t->set, vss_sdk_line_word(w, i, 1), err) != 0)
			return -1;
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		vss_strv_take(&t->mounts, vss_strdup(vss_sdk_line_get(w, i, "mount")));
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		vss_strv_add(&t->shadows, vss_sdk_line_word(w, i, 1));
	return 0;
}

static int
on_commit(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	for (size_t i = 0; i < t->shadows.n; i++) {
		VSS_AUTOFREE char *locator = vss_path_join(t->script.keep, t->shadows.v[i]);
		if (keep_copy(t->keepfd, t->shadows.v[i], t->mounts.v[i], err) != 0)
			return -1;
		vss_sdk_copy(w, t->shadows.v[i], locator);
	}
	return on_plan(t, w, err);
}

static int
on_final_commit(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	(void)w;
	(void)err;
	free(t->set);
	t->set = NULL;
	return 0;
}

/* At the end of input there is no event that says which set. */
static int
on_abort(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	const char *set = vss_sdk_arg(w, "set") ? vss_sdk_arg(w, "set") : t->set;

	return set ? keep_delete_set(t->keepfd, set, err) : 0;
}

static int
on_surface(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/%s/copy", t->script.keep, vss_sdk_line_word(w, 0, 1));

	if (!keep_has(t->keepfd, vss_sdk_line_word(w, 0, 1)))
		return vss_fail(err, VSS_ABSENT, 0, "there is no such copy");
	vss_sdk_answer(w, t->script.device ? "device" : "directory", t->script.device ? t->script.device : path);
	return 0;
}

static int
on_exists(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	(void)err;
	vss_sdk_answer(w, "there", keep_has(t->keepfd, vss_sdk_line_word(w, 0, 1)) ? "yes" : "no");
	return 0;
}

static int
on_delete(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	return keep_delete(t->keepfd, vss_sdk_line_word(w, 0, 1), err);
}

static int
on_list(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;

	if (keep_list(t->keepfd, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		vss_sdk_copy(w, all.v[i], NULL);
	return 0;
}

static int
on_use(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	VSS_AUTOFREE char *used = vss_strf("%zu", vss_sdk_lines(w) * 4096);

	(void)t;
	(void)err;
	vss_sdk_answer(w, "used", used);
	vss_sdk_answer(w, "estimated", "yes");
	return 0;
}

static int
on_revert(struct test_provider *t, struct vss_sdk *w, struct vss_err *err)
{
	return keep_put_back(t->keepfd, vss_sdk_line_word(w, 0, 1), vss_sdk_line_get(w, 0, "mount"), err);
}

static const struct {
	const char *event;
	int (*run)(struct test_provider *t, struct vss_sdk *w, struct vss_err *err);
} work[] = {
	{ "hello", on_hello },
	{ "volume", on_volume },
	{ "plan", on_plan },
	{ "begin", on_begin },
	{ "commit", on_commit },
	{ "final-commit", on_final_commit },
	{ "abort", on_abort },
	{ "surface", on_surface },
	{ "exists", on_exists },
	{ "delete", on_delete },
	{ "list", on_list },
	{ "use", on_use },
	{ "revert", on_revert },
};

static int
do_work(struct test_provider *t, struct vss_sdk *w)
{
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < sizeof work / sizeof *work; i++)
		if (strcmp(work[i].event, vss_sdk_event(w)) == 0 && work[i].run(t, w, &err) != 0)
			return answer_failure(w, &err);
	return 0;
}

static int
on_event(struct vss_sdk *w, void *self)
{
	struct test_provider *t = self;

	log_event(t, w);
	if (actions_run(t, w, false) != 0 || do_work(t, w) != 0)
		return -1;
	return actions_run(t, w, true);
}

static const struct vss_sdk_handler handlers[] = {
	{ "hello", on_event },
	{ "volume", on_event },
	{ "check", on_event },
	{ "plan", on_event },
	{ "begin", on_event },
	{ "prepare", on_event },
	{ "pre-commit", on_event },
	{ "commit", on_event },
	{ "post-commit", on_event },
	{ "final-commit", on_event },
	{ "abort", on_event },
	{ "surface", on_event },
	{ "unsurface", on_event },
	{ "exists", on_event },
	{ "delete", on_event },
	{ "list", on_event },
	{ "use", on_event },
	{ "revert", on_event },
	{ "bye", on_event },
	{ "release", on_event },
	{ NULL, NULL },
};

/* Be a provider, as the script says. */
static int
play(const char *path)
{
	struct test_provider t = { .keepfd = -1 };
	struct vss_err err = VSS_ERR_INIT;
	int status;

	t.raw = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (t.raw < 0)
		vss_fail(&err, VSS_SYSTEM, errno, "standard output");
	else if (script_read(path, &t.script, &err) == 0)
		t.keepfd = open(t.script.keep, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (err.code == VSS_OK && t.keepfd < 0)
		vss_fail(&err, VSS_SYSTEM, errno, "%s", t.script.keep);
	status = err.code != VSS_OK ? vss_finish(&err) : vss_sdk_provide(handlers, &t);
	script_free(&t.script);
	vss_strv_free(&t.mounts);
	vss_strv_free(&t.shadows);
	free(t.set);
	if (t.keepfd >= 0)
		close(t.keepfd);
	if (t.raw >= 0)
		close(t.raw);
	return status;
}

int
main(int argc, char **argv)
{
	struct vss_args args;
	int status;

	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	status = play(args.operands.v[0]);
	vss_args_free(&args);
	return status;
}
