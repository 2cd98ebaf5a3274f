/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/edit.h"

#include "base/log.h"
#include "base/mem.h"
#include "cli/out.h"
#include "script/history_internal.h"
#include "script/lines.h"
#include "script/typed_internal.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

struct vss_edit {
	struct vss_edit_options o;
	char *history_file; /* or NULL */
	EditLine *el;
	History *history;
	struct vss_strv typed; /* lines that are new in the history */
	locale_t utf8;
	struct winsize size;
	char *prompt;
	char *asked;	   /* the line as TAB left it, with several words that could stand there; or NULL */
	size_t keys;	   /* of this line */
	wchar_t interrupt; /* Ctrl-C as a character; 0: none */
	bool stopped;	   /* by it, or by stop_fd */
	bool too_long;	   /* this line */
};

static struct vss_edit *
edit_of(EditLine *el)
{
	void *e = NULL;

	el_get(el, EL_CLIENTDATA, &e);
	return e;
}

static char *
prompt_of(EditLine *el)
{
	return edit_of(el)->prompt;
}

/* Without a handler for SIGWINCH: what is shown is only wrong until the next key. */
static void
follow_window(struct vss_edit *e)
{
	struct winsize now;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &now) < 0 || memcmp(&now, &e->size, sizeof now) == 0)
		return;
	e->size = now;
	el_resize(e->el);
	el_set(e->el, EL_REFRESH);
}

/* One byte, so that what is typed ahead stays for programs that run before the next prompt.  0: there is none any more. */
static int
read_byte(struct vss_edit *e, char *c)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = e->o.stop_fd, .events = POLLIN } };

	for (;;) {
		int ready = poll(fds, 2, -1);
		e->stopped = ready > 0 && fds[1].revents;
		if (e->stopped || (ready < 0 && errno != EINTR))
			return 0;
		if (ready < 0)
			continue;
		follow_window(e);
		ssize_t n = read(STDIN_FILENO, c, 1);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n > 0;
	}
}

/* A character, whatever came before it that was none. */
static int
read_character(struct vss_edit *e, wchar_t *out)
{
	mbstate_t state = { 0 };
	char c;

	while (read_byte(e, &c)) {
		size_t n = mbrtowc(out, &c, 1, &state);
		if (n == 1)
			return 1;
		if (n != (size_t)-2)
			state = (mbstate_t){ 0 };
	}
	return 0;
}

/* More than a line may have is read to its end, so that the rest is not taken for another one. */
static int
read_key(EditLine *el, wchar_t *out)
{
	struct vss_edit *e = edit_of(el);

	while (read_character(e, out)) {
		e->stopped = *out == e->interrupt;
		if (e->stopped)
			return 0;
		if (++e->keys <= VSS_SCRIPT_LINE_MAX)
			return 1;
		e->too_long = true;
		if (*out == L'\n' || *out == L'\r')
			return 0;
	}
	return 0;
}

static void
list(struct vss_edit *e, const struct vss_strv *chosen)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	vss_buf_str(&text, "\n");
	vss_typed_list(chosen, e->size.ws_col ? e->size.ws_col : 80, &text);
	vss_out("%s", text.data);
	(void)vss_out_flush();
}

static char *
up_to_cursor(struct vss_edit *e)
{
	const LineInfo *line = el_line(e->el);
	return vss_strndup(line->buffer, (size_t)(line->cursor - line->buffer));
}

static unsigned char
fill_or_list(struct vss_edit *e, const char *line, const struct vss_typed *t, const struct vss_strv *chosen)
{
	VSS_AUTOFREE char *word = vss_typed_fill(t, chosen);
	bool again = vss_str_eq(e->asked, line);

	free(e->asked);
	e->asked = NULL;
	if (word) {
		el_deletestr(e->el, (int)vss_typed_characters(line + t->at));
		if (el_insertstr(e->el, word) < 0)
			return CC_REFRESH_BEEP;
	}
	if (chosen->n > 1)
		e->asked = up_to_cursor(e);
	if (word)
		return CC_REFRESH;
	if (!chosen->n || !again)
		return CC_REFRESH_BEEP;
	list(e, chosen);
	return CC_REDISPLAY;
}

/* Who is asked may take his time: meanwhile Ctrl-C is a signal, which stop_fd tells of. */
static void
ask(struct vss_edit *e, const struct vss_typed *t, struct vss_strv *words)
{
	struct termios edited = { 0 }, waiting;
	(void)tcgetattr(STDIN_FILENO, &edited);
	waiting = edited;
	waiting.c_lflag |= ISIG;
	waiting.c_cc[VSUSP] = waiting.c_cc[VQUIT] = _POSIX_VDISABLE;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &waiting);
	e->o.complete(e->o.ctx, &t->before, t->start, words);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &edited);
}

static unsigned char
complete(EditLine *el, int key)
{
	struct vss_edit *e = edit_of(el);
	VSS_AUTOFREE char *line = up_to_cursor(e);
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	struct vss_typed t;

	(void)key;
	if (!e->o.complete)
		return CC_REFRESH_BEEP;
	vss_typed_split(line, strlen(line), &t);
	ask(e, &t, &words);
	vss_typed_choose(&t, &words);
	unsigned char result = fill_or_list(e, line, &t, &words);
	vss_typed_clear(&t);
	return result;
}

static void
remember(struct vss_edit *e, const char *line)
{
	HistEvent event;

	history(e->history, &event, H_ENTER, line);
}

static void
load_history(struct vss_edit *e)
{
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;
	HistEvent event;

	history(e->history, &event, H_SETSIZE, VSS_HISTORY_LINES);
	history(e->history, &event, H_SETUNIQUE, 1);
	if (!e->history_file)
		return;
	if (vss_history_read(e->history_file, &lines, &err) < 0)
		vss_warn("history: %s", err.text);
	for (size_t i = 0; i < lines.n; i++)
		remember(e, lines.v[i]);
}

/* No key is a signal here: Ctrl-Z and Ctrl-\ would leave the terminal in the editor's mode.  What Ctrl-C is, read_key() knows. */
static void
set_up(struct vss_edit *e)
{
	struct termios tty;

	el_set(e->el, EL_CLIENTDATA, e);
	el_set(e->el, EL_SIGNAL, 0);
	el_set(e->el, EL_PROMPT, prompt_of);
	el_set(e->el, EL_GETCFN, read_key);
	el_set(e->el, EL_EDITOR, "emacs");
	el_set(e->el, EL_HIST, history, e->history);
	/* el_set() would copy these words, and lose them. */
	el_wset(e->el, EL_ADDFN, L"complete", L"Complete the word", complete);
	el_set(e->el, EL_BIND, "^I", "complete", NULL);
	el_set(e->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(e->el, EL_BIND, "^W", "ed-delete-prev-word", NULL);
	el_set(e->el, EL_SETTY, "-d", "-isig", NULL);
	if (e->o.editrc)
		el_source(e->el, e->o.editrc);
	e->interrupt = tcgetattr(STDIN_FILENO, &tty) == 0 ? tty.c_cc[VINTR] : 0;
	(void)ioctl(STDIN_FILENO, TIOCGWINSZ, &e->size);
}

struct vss_edit *
vss_edit_new(const struct vss_edit_options *o, struct vss_err *err)
{
	struct vss_edit *e = vss_alloc(sizeof *e);

	e->o = *o;
	e->history_file = vss_strdup(o->history);
	/* Lines are UTF-8, as scripts are, whatever the environment says; letters of verbs follow no country's rules. */
	e->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = e->utf8 ? uselocale(e->utf8) : (locale_t)0;
	e->history = history_init();
	/* Where results go into a file or a pipe, prompts still have to be seen. */
	e->el = el_init(o->program, stdin, isatty(STDOUT_FILENO) == 1 ? stdout : stderr, stderr);
	if (e->history && e->el) {
		load_history(e);
		set_up(e);
	}
	if (before)
		uselocale(before);
	if (e->history && e->el)
		return e;
	vss_fail(err, VSS_SYSTEM, 0, "the terminal cannot be edited on");
	vss_edit_free(e);
	return NULL;
}

void
vss_edit_free(struct vss_edit *e)
{
	struct vss_err err = VSS_ERR_INIT;

	if (!e)
		return;
	if (e->history_file && vss_history_append(e->history_file, &e->typed, &err) < 0)
		vss_warn("history: %s", err.text);
	if (e->el)
		el_end(e->el);
	if (e->history)
		history_end(e->history);
	if (e->utf8)
		freelocale(e->utf8);
	vss_strv_free(&e->typed);
	free(e->history_file);
	free(e->prompt);
	free(e->asked);
	free(e);
}

/* NULL: no line was typed. */
static const char *
get(struct vss_edit *e, const char *prompt)
{
	locale_t before = e->utf8 ? uselocale(e->utf8) : (locale_t)0;
	int n = 0;

	free(e->prompt);
	e->prompt = vss_strdup(prompt);
	free(e->asked);
	e->asked = NULL;
	e->keys = 0;
	e->stopped = e->too_long = false;
	/* Before the prompt invites keys that a terminal would take for something else. */
	el_set(e->el, EL_PREP_TERM, 1);
	const char *line = el_gets(e->el, &n);
	if (before)
		uselocale(before);
	return n > 0 ? line : NULL;
}

/* Without the blank that completion has put behind the last word. */
static void
keep(struct vss_edit *e, const struct vss_buf *line)
{
	size_t n = line->len;

	while (n && strchr(" \t", line->data[n - 1]))
		n--;
	if (!n)
		return;
	VSS_AUTOFREE char *text = vss_strndup(line->data, n);
	remember(e, text);
	vss_strv_take(&e->typed, vss_take(&text));
}

int
vss_edit_line(struct vss_edit *e, const char *prompt, struct vss_buf *line, struct vss_err *err)
{
	(void)vss_out_flush();
	const char *typed = get(e, prompt);

	vss_buf_reset(line);
	if (!typed)
		vss_out("\n");
	(void)vss_out_flush();
	if (e->stopped)
		return vss_fail(err, VSS_INTERRUPTED, 0, "interrupted");
	if (typed)
		vss_buf_add(line, typed, strcspn(typed, "\r\n"));
	if (e->too_long || line->len > VSS_SCRIPT_LINE_MAX)
		return vss_fail(err, VSS_INVALID, 0, "the line is longer than %u bytes", VSS_SCRIPT_LINE_MAX);
	if (!typed)
		return 0;
	keep(e, line);
	return 1;
}
