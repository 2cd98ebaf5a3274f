/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/out.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "cli/cli_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 500 };

struct vss_progress {
	char *what;
	enum vss_progress_style style;
	int64_t begun, next; /* monotonic ns */
	bool shown;	     /* the line stands on the terminal */
};

static struct vss_progress *current;

int
vss_progress_style_by_word(const char *word)
{
	static const char *const words[] = { "auto", "json", "never" };
	for (int i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

struct vss_progress *
vss_progress_new(const char *what, enum vss_progress_style style)
{
	if (style == VSS_PROGRESS_NEVER || (style == VSS_PROGRESS_AUTO && isatty(STDERR_FILENO) != 1))
		return NULL;
	struct vss_progress *p = vss_alloc(sizeof *p);
	p->what = vss_strdup(what);
	p->style = style;
	p->begun = vss_now_mono();
	p->next = p->begun + FIRST_MS * VSS_MS;
	current = p;
	return p;
}

/* Progress that cannot be shown is no reason to stop the work. */
static void
put(const struct vss_buf *line)
{
	(void)!write(STDERR_FILENO, line->data, line->len);
}

static uint64_t
seconds_left(uint64_t bytes, uint64_t total, int64_t elapsed)
{
	if (!bytes || total <= bytes)
		return 0;
	return (uint64_t)((double)(total - bytes) / (double)bytes * (double)elapsed / (double)VSS_S + 0.5);
}

static void
add_duration(struct vss_buf *line, uint64_t s)
{
	if (s >= 3600)
		vss_buf_fmt(line, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60, s % 60);
	else
		vss_buf_fmt(line, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

static void
show_line(struct vss_progress *p, const uint64_t at[4], int64_t elapsed)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	char done[32], rate[32], whole[32];
	vss_format_size(done, at[1]);
	vss_format_size(rate, (uint64_t)((double)at[1] * (double)VSS_S / (double)elapsed));
	vss_buf_fmt(&line, "\r%s: %" PRIu64 " files, %s", p->what, at[0], done);
	if (at[3]) {
		vss_format_size(whole, at[3]);
		vss_buf_fmt(&line, " of %s", whole);
	}
	vss_buf_fmt(&line, ", %s/s", rate);
	if (at[3]) {
		vss_buf_str(&line, ", ");
		add_duration(&line, seconds_left(at[1], at[3], elapsed));
		vss_buf_str(&line, " left");
	}
	vss_buf_str(&line, "\033[K");
	put(&line);
	p->shown = true;
}

static void
show_json(const uint64_t at[4], int64_t elapsed)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &line, false);
	vss_jw_begin_object(&w);
	vss_jw_member_u64(&w, "files", at[0]);
	vss_jw_member_u64(&w, "bytes", at[1]);
	vss_jw_member_u64(&w, "total_files", at[2]);
	vss_jw_member_u64(&w, "total_bytes", at[3]);
	vss_jw_member_i64(&w, "elapsed_ms", elapsed / VSS_MS);
	vss_jw_key(&w, "left_s");
	if (at[3] && at[1])
		vss_jw_u64(&w, seconds_left(at[1], at[3], elapsed));
	else
		vss_jw_null(&w);
	vss_jw_end_object(&w);
	if (vss_jw_finish(&w, &err) == 0)
		put(&line);
}

void
vss_progress_at(struct vss_progress *p, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes)
{
	int64_t now = vss_now_mono();
	if (now < p->next)
		return;
	const uint64_t at[4] = { files, bytes, total_files, total_bytes };
	p->next = now + EVERY_MS * VSS_MS;
	if (p->style == VSS_PROGRESS_JSON)
		show_json(at, now - p->begun);
	else
		show_line(p, at, now - p->begun);
}

void
vss_progress_hide(void)
{
	if (!current || !current->shown)
		return;
	(void)!write(STDERR_FILENO, "\r\033[K", 4);
	current->shown = false;
}

void
vss_progress_end(struct vss_progress *p)
{
	if (!p)
		return;
	vss_progress_hide();
	current = NULL;
	free(p->what);
	free(p);
}
