/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_IDENTIFY_H
#define VSS_WRITER_OPENLDAP_IDENTIFY_H

#include "writer.h"

int openldap_identify(struct vss_sdk *w, void *self);

#endif
