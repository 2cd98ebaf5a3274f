/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FUZZ_ROUND_TRIP_H
#define VSS_FUZZ_ROUND_TRIP_H

#include "doc/doc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

/**
 * What holds for every document: the reader survives any bytes; what it accepts can be written, and what is written is read
 * again to the same bytes.  `through` reads and writes once: 0 when the bytes are no document.
 */
static inline int
fuzz_round_trip(int (*through)(const void *data, size_t n, struct vss_buf *out), const void *data, size_t n)
{
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;

	if (!through(data, n, &first))
		return 0;
	if (!through(first.data, first.len, &second))
		abort();
	if (first.len != second.len || memcmp(first.data, second.data, first.len) != 0)
		abort();
	return 0;
}

/** The target for one kind: its type, the functions that read and write it, and the one that frees it. */
#define FUZZ_ROUND_TRIP(type, read, write, release)                                                                    \
	static int through(const void *data, size_t n, struct vss_buf *out)                                            \
	{                                                                                                              \
		struct vss_err err = VSS_ERR_INIT;                                                                     \
		type *value = read(data, n, &err);                                                                     \
		if (!value)                                                                                            \
			return 0;                                                                                      \
		if (write(value, out, &err))                                                                           \
			abort();                                                                                       \
		release(value);                                                                                        \
		return 1;                                                                                              \
	}                                                                                                              \
	int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)                                                \
	{                                                                                                              \
		return fuzz_round_trip(through, data, n);                                                              \
	}

#endif
