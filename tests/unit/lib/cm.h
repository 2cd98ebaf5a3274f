/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_CM_H
#define VSS_TESTS_CM_H

/* cmocka.h with what has to be included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
