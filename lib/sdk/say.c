/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdk/vss-writer.h"

#include "base/mem.h"
#include "base/time.h"
#include "sdk/sdk_internal.h"

#include <stdlib.h>

void
sdk_clear_failure(struct vss_sdk *w)
{
	free(w->failure.code);
	free(w->failure.message);
	w->failure = (struct sdk_failure){ 0 };
}

void
sdk_record_failure(struct vss_sdk *w, bool veto, const char *code, long app, char *message)
{
	if (w->failure.given) {
		free(message);
		return;
	}
	w->failure = (struct sdk_failure){ true, veto, vss_strdup(code), message, app };
}

static char *
format(const char *fmt, va_list ap)
{
	struct vss_buf b = VSS_BUF_INIT;

	vss_buf_vfmt(&b, fmt, ap);
	return vss_buf_take(&b);
}

int
vss_sdk_fail(struct vss_sdk *w, const char *code, long app, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sdk_record_failure(w, false, code, app, format(fmt, ap));
	va_end(ap);
	return -1;
}

int
vss_sdk_veto(struct vss_sdk *w, const char *code, long app, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sdk_record_failure(w, true, code, app, format(fmt, ap));
	va_end(ap);
	return 0;
}

void
vss_sdk_hold(struct vss_sdk *w, const char *hold)
{
	vss_sdk_answer(w, "hold", hold);
}

void
vss_sdk_answer(struct vss_sdk *w, const char *key, const char *value)
{
	vss_line_add_pair(&w->answers, key, value);
}

void
vss_sdk_shorten_window(struct vss_sdk *w, long ms)
{
	int64_t end = vss_now_mono() + ms * VSS_MS;

	if (w->frozen && end < w->deadline)
		w->deadline = end;
}

const char *
vss_sdk_event(const struct vss_sdk *w)
{
	return w->event;
}

const char *
vss_sdk_arg(const struct vss_sdk *w, const char *key)
{
	return w->nlines > 0 ? vss_line_get(&w->lines[0], key) : NULL;
}

const char *
vss_sdk_scratch(const struct vss_sdk *w)
{
	return w->scratch;
}

size_t
vss_sdk_lines(const struct vss_sdk *w)
{
	return w->nlines > 0 ? w->nlines - 1 : 0;
}

const char *
vss_sdk_line_word(const struct vss_sdk *w, size_t line, size_t word)
{
	return line < vss_sdk_lines(w) ? vss_line_word(&w->lines[line + 1], word) : NULL;
}

const char *
vss_sdk_line_get(const struct vss_sdk *w, size_t line, const char *key)
{
	return line < vss_sdk_lines(w) ? vss_line_get(&w->lines[line + 1], key) : NULL;
}

const char *
vss_sdk_line_key(const struct vss_sdk *w, size_t line, size_t pair)
{
	if (line >= vss_sdk_lines(w) || pair >= w->lines[line + 1].npairs)
		return NULL;
	return w->lines[line + 1].pairs[pair].key;
}

long
vss_sdk_window_ms(const struct vss_sdk *w)
{
	return w->frozen ? vss_time_poll_ms(w->deadline) : -1;
}

void
vss_sdk_say(struct vss_sdk *w, const char *statement)
{
	vss_line_begin(&w->said, statement);
}

void
vss_sdk_word(struct vss_sdk *w, const char *word)
{
	vss_line_add(&w->said, word);
}

void
vss_sdk_pair(struct vss_sdk *w, const char *key, const char *value)
{
	if (value)
		vss_line_add_pair(&w->said, key, value);
}

void
vss_sdk_said(struct vss_sdk *w)
{
	vss_line_end(&w->said);
}

void
vss_sdk_writer(struct vss_sdk *w, const char *id, const char *name, const char *usage, const char *source)
{
	vss_sdk_say(w, "writer");
	vss_sdk_word(w, id);
	vss_sdk_word(w, name);
	vss_sdk_pair(w, "usage", usage);
	vss_sdk_pair(w, "source", source);
	vss_sdk_said(w);
}

void
vss_sdk_restore_method(struct vss_sdk *w, const char *method, const char *writer_restore, const char *service)
{
	vss_sdk_say(w, "restore-method");
	vss_sdk_word(w, method);
	vss_sdk_pair(w, "service", service);
	vss_sdk_pair(w, "writer-restore", writer_restore);
	vss_sdk_said(w);
}

void
vss_sdk_component(struct vss_sdk *w, const char *type, const char *logical_path, const char *name, const char *caption)
{
	vss_sdk_say(w, "component");
	vss_sdk_word(w, type);
	vss_sdk_word(w, logical_path);
	vss_sdk_word(w, name);
	vss_sdk_pair(w, "caption", caption);
	vss_sdk_said(w);
}

void
vss_sdk_files(struct vss_sdk *w, const struct vss_sdk_files *f)
{
	vss_sdk_say(w, f->kind);
	vss_sdk_word(w, f->logical_path);
	vss_sdk_word(w, f->name);
	vss_sdk_word(w, f->dir);
	vss_sdk_word(w, f->spec);
	if (f->recursive)
		vss_sdk_pair(w, "recursive", "yes");
	vss_sdk_pair(w, "alternate", f->alternate);
	if (f->mask) {
		VSS_AUTOFREE char *mask = vss_strf("%u", f->mask);

		vss_sdk_pair(w, "mask", mask);
	}
	vss_sdk_said(w);
}

void
vss_sdk_exclude(struct vss_sdk *w, const char *dir, const char *spec, int recursive)
{
	vss_sdk_say(w, "exclude");
	vss_sdk_word(w, dir);
	vss_sdk_word(w, spec);
	vss_sdk_pair(w, "recursive", recursive ? "yes" : NULL);
	vss_sdk_said(w);
}

void
vss_sdk_absent(struct vss_sdk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	VSS_AUTOFREE char *reason = format(fmt, ap);
	va_end(ap);
	vss_sdk_answer(w, "absent", reason);
}

void
vss_sdk_evidence(struct vss_sdk *w, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	VSS_AUTOFREE char *value = format(fmt, ap);
	va_end(ap);
	vss_sdk_say(w, "evidence");
	vss_sdk_word(w, key);
	vss_sdk_word(w, value);
	vss_sdk_said(w);
}
