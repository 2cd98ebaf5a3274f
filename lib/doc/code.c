/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/code_internal.h"

#include <stddef.h>
#include <string.h>

static const char *const ours[] = {
#define NAME(code) [code] = #code
	NAME(VSS_SYSTEM),
	NAME(VSS_ABSENT),
	NAME(VSS_EXISTS),
	NAME(VSS_INVALID),
	NAME(VSS_USAGE),
	NAME(VSS_UNSUPPORTED),
	NAME(VSS_DENIED),
	NAME(VSS_NOSPACE),
	NAME(VSS_BUSY),
	NAME(VSS_TIMEOUT),
	NAME(VSS_CORRUPT),
	NAME(VSS_PROTOCOL),
	NAME(VSS_INTERRUPTED),
	NAME(VSS_GRADE),
	NAME(VSS_PARTIAL),
#undef NAME
};
#define OURS (sizeof ours / sizeof *ours)
_Static_assert(OURS == VSS_E_BAD_STATE, "a name for every code of ours");

const char *
vss_doc_code_name(enum vss_code code)
{
	const char *name = (size_t)code < OURS ? ours[code] : vss_code_name(code);
	return name ? name : "VSS_E_UNEXPECTED";
}

enum vss_code
vss_doc_code_by_name(const char *name)
{
	for (size_t i = 0; i < OURS; i++)
		if (ours[i] && strcmp(ours[i], name) == 0)
			return (enum vss_code)i;
	return vss_code_by_name(name);
}
