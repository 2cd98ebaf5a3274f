/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_POSITION_H
#define VSS_WRITER_MARIADB_POSITION_H

#include "hold.h"

/** Note in `h` where the binary log stands; a server without one has none. */
int position_read(struct hold *h, struct vss_err *err);

#endif
