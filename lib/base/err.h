/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_ERR_H
#define VSS_BASE_ERR_H

#include <stdint.h>

/**
 * One error value, on the caller's stack, without heap.
 *
 * A function that can fail takes `struct vss_err *err` last and returns 0 or -1 (or NULL for a
 * constructor).  On failure *err says why; on success it is untouched.  `err` is never NULL.
 * Messages read `object: what: reason`, lower case, no full stop, no newline; the program's name is
 * put in front by cli alone.
 */

/** What kind of failure it was.  cli maps these to exit statuses; see vss_code_status(). */
enum vss_code {
	VSS_OK = 0,
	VSS_SYSTEM,	 /* a system call failed; `sys` is its errno */
	VSS_ABSENT,	 /* the named thing does not exist */
	VSS_EXISTS,	 /* the thing to be made is there already */
	VSS_INVALID,	 /* input that cannot be accepted: file format, document, configuration */
	VSS_USAGE,	 /* the command line is wrong (status 2) */
	VSS_UNSUPPORTED, /* not supported here (status 4) */
	VSS_DENIED,	 /* not allowed: permission, untrusted owner */
	VSS_NOSPACE,	 /* no room left */
	VSS_BUSY,	 /* in use */
	VSS_TIMEOUT,	 /* a deadline passed */
	VSS_CORRUPT,	 /* stored data does not match its digest or its format */
	VSS_PROTOCOL,	 /* the other side of a conversation broke the protocol */
	VSS_INTERRUPTED, /* a signal asked us to stop (status 130) */
	VSS_GRADE,	 /* a consistency grade is below the bar (status 6) */
	VSS_PARTIAL,	 /* done in part, each part that failed was named (status 3) */

	/* The codes of VSS, by their names; vss_code_hresult() gives the number. */
	VSS_E_BAD_STATE,
	VSS_E_UNEXPECTED,
	VSS_E_PROVIDER_NOT_REGISTERED,
	VSS_E_PROVIDER_VETO,
	VSS_E_OBJECT_NOT_FOUND,
	VSS_E_OBJECT_ALREADY_EXISTS,
	VSS_E_VOLUME_NOT_SUPPORTED,
	VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER,
	VSS_E_UNEXPECTED_PROVIDER_ERROR,
	VSS_E_CORRUPT_XML_DOCUMENT,
	VSS_E_INVALID_XML_DOCUMENT,
	VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED,
	VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED,
	VSS_E_FLUSH_WRITES_TIMEOUT,
	VSS_E_HOLD_WRITES_TIMEOUT,
	VSS_E_SNAPSHOT_SET_IN_PROGRESS,
	VSS_E_INSUFFICIENT_STORAGE,
	VSS_E_UNSUPPORTED_CONTEXT,
	VSS_E_VOLUME_IN_USE,
	VSS_E_REVERT_IN_PROGRESS,
	VSS_E_WRITER_INFRASTRUCTURE,
	VSS_E_WRITER_NOT_RESPONDING,
	VSS_E_WRITER_STATUS_NOT_AVAILABLE,
	VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT,
	VSS_E_WRITERERROR_OUTOFRESOURCES,
	VSS_E_WRITERERROR_TIMEOUT,
	VSS_E_WRITERERROR_RETRYABLE,
	VSS_E_WRITERERROR_NONRETRYABLE,
	VSS_E_WRITERERROR_PARTIAL_FAILURE,
	VSS_CODE_COUNT
};

struct vss_err {
	enum vss_code code;
	int sys;	/* errno, or 0 */
	char text[512]; /* a long object is shortened in the middle, the reason is kept whole */
};

#define VSS_ERR_INIT { VSS_OK, 0, "" }

/**
 * Record a failure and return -1.  When `sys` is not 0, `: strerror(sys)` is appended.  ENOSPC and EDQUOT
 * turn VSS_SYSTEM into VSS_NOSPACE, ENOENT into VSS_ABSENT, EEXIST into VSS_EXISTS, EACCES and EPERM into VSS_DENIED.
 */
int vss_fail(struct vss_err *err, enum vss_code code, int sys, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** Put `fmt...: ` in front of the text of *err, keep its code, return -1. */
int vss_wrap(struct vss_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** What failed need not have gone well: *err says nothing any more.  Returns 0. */
int vss_forgive(struct vss_err *err);

/** The name of a VSS code ("VSS_E_BAD_STATE"), or NULL for a code that is ours alone. */
const char *vss_code_name(enum vss_code code);

/** The number of a VSS code (0x80042301 ...), or 0. */
uint32_t vss_code_hresult(enum vss_code code);

/** The code with this VSS name ("VSS_E_WRITERERROR_RETRYABLE"; the prefix "VSS_E_" or "VSS_E_WRITERERROR_" may be missing),
 * or VSS_OK when there is none. */
enum vss_code vss_code_by_name(const char *name);

/** The exit status of a program that ends with this code: 0, 1, 2, 3, 4, 5, 6 or 130 (vss(7), EXIT STATUS). */
int vss_code_status(enum vss_code code);

#endif
