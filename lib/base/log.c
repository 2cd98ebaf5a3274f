/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include "base/buf.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/*
 * One lock over everything: messages come from the provider's worker and the archive's pool too, and must not be mixed
 * within a line.  While held, messages lie one behind the other as level byte, text, NUL.
 */
static struct {
	pthread_mutex_t lock;
	vss_log_sink *sink;
	void *ctx;
	bool holding, muted;
	size_t used;
	unsigned lost;
	char waiting[64 * 1024];
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

void
vss_log_set_sink(vss_log_sink *sink, void *ctx)
{
	pthread_mutex_lock(&state.lock);
	state.sink = sink;
	state.ctx = ctx;
	pthread_mutex_unlock(&state.lock);
}

void
vss_log_mute(bool on)
{
	pthread_mutex_lock(&state.lock);
	state.muted = on;
	pthread_mutex_unlock(&state.lock);
}

/* Neither allocates nor writes to any file: something may be frozen. */
__attribute__((format(printf, 2, 0))) static void
keep(enum vss_log_level level, const char *fmt, va_list ap)
{
	size_t room = sizeof state.waiting - state.used;
	if (state.lost || room < 2) {
		state.lost++;
		return;
	}
	int n = vsnprintf(state.waiting + state.used + 1, room - 1, fmt, ap);
	if (n < 0 || (size_t)n >= room - 1) {
		state.lost++;
		return;
	}
	state.waiting[state.used] = (char)level;
	state.used += (size_t)n + 2;
}

void
vss_log(enum vss_log_level level, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	pthread_mutex_lock(&state.lock);
	if (state.muted) {
		/* Nobody asked for what there is to say. */
	} else if (state.holding) {
		keep(level, fmt, ap);
	} else if (state.sink) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		vss_buf_vfmt(&text, fmt, ap);
		state.sink(state.ctx, level, text.data);
	}
	pthread_mutex_unlock(&state.lock);
	va_end(ap);
}

void
vss_log_hold(void)
{
	pthread_mutex_lock(&state.lock);
	/* A page of ours that has to come back from a held disk would stop us; without the right to lock, we go on. */
	(void)mlock(state.waiting, sizeof state.waiting);
	state.holding = true;
	pthread_mutex_unlock(&state.lock);
}

void
vss_log_release(void)
{
	pthread_mutex_lock(&state.lock);
	for (size_t at = 0; at < state.used;) {
		const char *text = state.waiting + at + 1;
		if (state.sink)
			state.sink(state.ctx, (enum vss_log_level)state.waiting[at], text);
		at += strlen(text) + 2;
	}
	if (state.lost && state.sink) {
		char text[80];
		snprintf(text, sizeof text, "%u further messages were dropped while writes were held", state.lost);
		state.sink(state.ctx, VSS_LOG_WARN, text);
	}
	state.used = 0;
	state.lost = 0;
	if (state.holding)
		(void)munlock(state.waiting, sizeof state.waiting);
	state.holding = false;
	pthread_mutex_unlock(&state.lock);
}
