/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_CODE_INTERNAL_H
#define VSS_DOC_CODE_INTERNAL_H

#include "base/err.h"

/** How documents spell a code, ours ("VSS_SYSTEM") as well as VSS's ("VSS_E_BAD_STATE"): numbers may change between
 * versions. */
const char *vss_doc_code_name(enum vss_code code);
/** VSS_OK when there is none of this name. */
enum vss_code vss_doc_code_by_name(const char *name);

#endif
