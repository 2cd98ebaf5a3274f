/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"

#include "base/buf.h"
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a code of VSS is called, its HRESULT (of the form 0x8004xxxx) and how a program ends with it. */
struct row {
	const char *name;
	uint16_t number;
	int status;
};

static const struct row rows[VSS_CODE_COUNT] = {
	[VSS_OK] = { .status = 0 },
	[VSS_SYSTEM] = { .status = 1 },
	[VSS_ABSENT] = { .status = 1 },
	[VSS_EXISTS] = { .status = 1 },
	[VSS_INVALID] = { .status = 1 },
	[VSS_USAGE] = { .status = 2 },
	[VSS_UNSUPPORTED] = { .status = 4 },
	[VSS_DENIED] = { .status = 1 },
	[VSS_NOSPACE] = { .status = 1 },
	[VSS_BUSY] = { .status = 1 },
	[VSS_TIMEOUT] = { .status = 1 },
	[VSS_CORRUPT] = { .status = 1 },
	[VSS_PROTOCOL] = { .status = 1 },
	[VSS_INTERRUPTED] = { .status = 130 },
	[VSS_GRADE] = { .status = 6 },
	[VSS_PARTIAL] = { .status = 3 },
#define ROW(code, number, status) [code] = { #code, number, status }
	ROW(VSS_E_BAD_STATE, 0x2301, 1),
	ROW(VSS_E_UNEXPECTED, 0x2302, 1),
	ROW(VSS_E_PROVIDER_NOT_REGISTERED, 0x2304, 4),
	ROW(VSS_E_PROVIDER_VETO, 0x2306, 1),
	ROW(VSS_E_OBJECT_NOT_FOUND, 0x2308, 1),
	ROW(VSS_E_OBJECT_ALREADY_EXISTS, 0x230D, 1),
	ROW(VSS_E_VOLUME_NOT_SUPPORTED, 0x230C, 4),
	ROW(VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0x230E, 4),
	ROW(VSS_E_UNEXPECTED_PROVIDER_ERROR, 0x230F, 1),
	ROW(VSS_E_CORRUPT_XML_DOCUMENT, 0x2310, 1),
	ROW(VSS_E_INVALID_XML_DOCUMENT, 0x2311, 1),
	ROW(VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED, 0x2312, 1),
	ROW(VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED, 0x2317, 1),
	ROW(VSS_E_FLUSH_WRITES_TIMEOUT, 0x2313, 1),
	ROW(VSS_E_HOLD_WRITES_TIMEOUT, 0x2314, 1),
	ROW(VSS_E_SNAPSHOT_SET_IN_PROGRESS, 0x2316, 5),
	ROW(VSS_E_INSUFFICIENT_STORAGE, 0x231F, 1),
	ROW(VSS_E_UNSUPPORTED_CONTEXT, 0x231B, 4),
	ROW(VSS_E_VOLUME_IN_USE, 0x231D, 1),
	ROW(VSS_E_REVERT_IN_PROGRESS, 0x2325, 1),
	ROW(VSS_E_WRITER_INFRASTRUCTURE, 0x2318, 1),
	ROW(VSS_E_WRITER_NOT_RESPONDING, 0x2319, 6),
	ROW(VSS_E_WRITER_STATUS_NOT_AVAILABLE, 0x2409, 6),
	ROW(VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT, 0x23F0, 6),
	ROW(VSS_E_WRITERERROR_OUTOFRESOURCES, 0x23F1, 6),
	ROW(VSS_E_WRITERERROR_TIMEOUT, 0x23F2, 6),
	ROW(VSS_E_WRITERERROR_RETRYABLE, 0x23F3, 6),
	ROW(VSS_E_WRITERERROR_NONRETRYABLE, 0x23F4, 6),
	ROW(VSS_E_WRITERERROR_PARTIAL_FAILURE, 0x2336, 6),
#undef ROW
};

/* A text that is too long loses its middle; two thirds of what stays are its end, where the reason is. */
static void
set_text(struct vss_err *err, const struct vss_buf *text)
{
	const size_t room = sizeof err->text - 1;
	if (text->len <= room) {
		memcpy(err->text, text->data, text->len + 1);
		return;
	}
	size_t head = (room - 3) / 3, tail = text->len - (room - 3 - head);
	while (head && ((unsigned char)text->data[head] & 0xC0) == 0x80)
		head--;
	while (tail < text->len && ((unsigned char)text->data[tail] & 0xC0) == 0x80)
		tail++;
	snprintf(err->text, sizeof err->text, "%.*s...%s", (int)head, text->data, text->data + tail);
}

static enum vss_code
sharpen(enum vss_code code, int sys)
{
	if (code != VSS_SYSTEM)
		return code;
	switch (sys) {
	case ENOSPC:
	case EDQUOT:
		return VSS_NOSPACE;
	case ENOENT:
		return VSS_ABSENT;
	case EEXIST:
		return VSS_EXISTS;
	case EACCES:
	case EPERM:
		return VSS_DENIED;
	default:
		return VSS_SYSTEM;
	}
}

int
vss_fail(struct vss_err *err, enum vss_code code, int sys, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	if (sys)
		vss_buf_fmt(&text, ": %s", strerror(sys));
	set_text(err, &text);
	err->code = sharpen(code, sys);
	err->sys = sys;
	return -1;
}

int
vss_forgive(struct vss_err *err)
{
	*err = (struct vss_err)VSS_ERR_INIT;
	return 0;
}

int
vss_wrap(struct vss_err *err, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	vss_buf_fmt(&text, ": %s", err->text);
	set_text(err, &text);
	return -1;
}

const char *
vss_code_name(enum vss_code code)
{
	return (unsigned)code < VSS_CODE_COUNT ? rows[code].name : NULL;
}

uint32_t
vss_code_hresult(enum vss_code code)
{
	return vss_code_name(code) ? UINT32_C(0x80040000) | rows[code].number : 0;
}

enum vss_code
vss_code_by_name(const char *name)
{
	static const char *const prefixes[] = { "", "VSS_E_", "VSS_E_WRITERERROR_" };
	for (unsigned code = 0; code < VSS_CODE_COUNT; code++) {
		for (size_t i = 0; rows[code].name && i < sizeof prefixes / sizeof *prefixes; i++) {
			size_t n = strlen(prefixes[i]);
			if (vss_str_starts(rows[code].name, prefixes[i]) && vss_str_eq(rows[code].name + n, name))
				return (enum vss_code)code;
		}
	}
	return VSS_OK;
}

int
vss_code_status(enum vss_code code)
{
	return (unsigned)code < VSS_CODE_COUNT ? rows[code].status : 1;
}
