/* SPDX-License-Identifier: BSD-2-Clause */
#include "actions.h"
#include "check.h"

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

static struct check_options how = { .patience_s = 10, .window_ms = 2000 };

static const struct vss_opt opts[] = {
	VSS_FLAG_X(0, "check", &how.check, 1, "check the writer EXEC, or that of a registration file"),
	VSS_FLAG_X(0, "list", &how.list, 1, "list the checks"),
	VSS_FLAG(0, "json", &how.json, "with --check and --list: print JSON"),
	VSS_HEAD("With --check:"),
	VSS_ARGS(0, "only", "NAME", &how.only, "only the checks of this name, or pattern (repeatable)"),
	VSS_ARGS(0, "probe", "WORD", &how.probe, "a command, word by word: 0 means that the application takes writes"),
	VSS_SPAN(0, "patience", "SPAN", &how.patience_s, "how long to wait for anything (10s)"),
	VSS_NUM(0, "window", "MS", &how.window_ms, "of the freeze that is left alone (2000)"),
	VSS_FLAG(0, "restore", &how.restore, "the events of a restore too: data may be moved away"),
	VSS_END,
};
static const char *const synopsis[] = { "SCRIPT", "--check [OPTION]... [--] EXEC [ARG]...", "--list [--json]", NULL };
static const struct vss_tool tool = {
	.name = "vss-test-writer",
	.synopsis = synopsis,
	.purpose = "A writer that does what a script tells it, to test requesters with; and a check of writers.",
	.opts = opts,
	.max_operands = UINT_MAX,
};

/* One write for one event, so that lines of several writers in one file stay whole. */
static void
log_event(const struct test_writer *t, const struct vss_sdk *w, const char *thawed_by)
{
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	VSS_AUTOFREE char *at = vss_strf("%lld", (long long)vss_now_mono());
	VSS_AUTOFREE char *pid = vss_strf("%d", (int)getpid());
	struct vss_err err = VSS_ERR_INIT;

	if (!t->script.log)
		return;
	vss_line_begin(&b, vss_sdk_event(w));
	vss_line_add_pair(&b, "at", at);
	vss_line_add_pair(&b, "pid", pid);
	if (thawed_by)
		vss_line_add_pair(&b, "thawed-by", thawed_by);
	vss_line_end(&b);
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		vss_line_begin(&b, "with");
		for (size_t j = 0; vss_sdk_line_word(w, i, j); j++)
			vss_line_add(&b, vss_sdk_line_word(w, i, j));
		for (size_t j = 0; vss_sdk_line_key(w, i, j); j++)
			vss_line_add_pair(
				&b, vss_sdk_line_key(w, i, j), vss_sdk_line_get(w, i, vss_sdk_line_key(w, i, j)));
		vss_line_end(&b);
	}
	int fd = open(t->script.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || vss_write_all(fd, b.data, b.len, &err) != 0 || close(fd) != 0)
		abort(); /* whoever asks the log must not be told less than what happened */
}

static int
on_event(struct vss_sdk *w, void *self)
{
	log_event(self, w, NULL);
	return actions_run(self, w);
}

static int
on_identify(struct vss_sdk *w, void *self)
{
	const struct test_writer *t = self;

	for (size_t i = 0; i < t->script.nstatements; i++) {
		const struct vss_line *l = &t->script.statements[i];

		vss_sdk_say(w, l->words[0]);
		for (size_t j = 1; j < l->nwords; j++)
			vss_sdk_word(w, l->words[j]);
		for (size_t j = 0; j < l->npairs; j++)
			vss_sdk_pair(w, l->pairs[j].key, l->pairs[j].value);
		vss_sdk_said(w);
	}
	return on_event(w, self);
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	const struct test_writer *t = self;

	vss_sdk_hold(w, t->script.hold ? t->script.hold : "none");
	if (t->script.commits)
		vss_sdk_answer(w, "commits", t->script.commits);
	return on_event(w, self);
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	static const char *const words[] = {
		[VSS_SDK_THAW_EVENT] = "event",
		[VSS_SDK_THAW_ABORT] = "abort",
		[VSS_SDK_THAW_DEADLINE] = "deadline",
		[VSS_SDK_THAW_END_OF_INPUT] = "end-of-input",
		[VSS_SDK_THAW_FAILED] = "failed-freeze",
	};

	log_event(self, w, words[reason]);
	return actions_run(self, w);
}

static int
on_post_snapshot(struct vss_sdk *w, void *self)
{
	const struct test_writer *t = self;

	if (t->script.confirmed)
		vss_sdk_answer(w, "confirmed", t->script.confirmed);
	return on_event(w, self);
}

static const struct vss_sdk_ops ops = {
	.hello = on_event,
	.identify = on_identify,
	.prepare_backup = on_event,
	.prepare_snapshot = on_event,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_post_snapshot,
	.abort = on_event,
	.backup_complete = on_event,
	.backup_shutdown = on_event,
	.pre_restore = on_event,
	.post_restore = on_event,
	.bye = on_event,
};

/* Be a writer, as the script says. */
static int
play(const char *path)
{
	struct test_writer t = { 0 };
	struct vss_err err = VSS_ERR_INIT;
	int status;

	t.raw = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (t.raw < 0)
		vss_fail(&err, VSS_SYSTEM, errno, "standard output");
	else
		script_read(path, &t.script, &err);
	if (err.code != VSS_OK)
		status = vss_finish(&err);
	else
		status = vss_sdk_run(&ops, &t);
	script_free(&t.script);
	if (t.raw >= 0)
		close(t.raw);
	return status;
}

static int
run(const struct vss_strv *words)
{
	struct vss_err err = VSS_ERR_INIT;
	bool options = how.json || how.restore || how.only.n > 0 || how.probe.n > 0;

	if (how.list && words->n == 0)
		return check_list(&how);
	if (how.check && words->n > 0)
		return check_run(&how, words);
	if (!how.check && !how.list && !options && words->n == 1)
		return play(words->v[0]);
	vss_fail(&err, VSS_USAGE, 0,
		how.check ? "--check: which writer?" : "one script is expected, or --check and a writer");
	return vss_finish(&err);
}

int
main(int argc, char **argv)
{
	struct vss_args args;
	int status;

	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	status = run(&args.operands);
	vss_strv_free(&how.only);
	vss_strv_free(&how.probe);
	vss_args_free(&args);
	return status;
}
