/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_H
#define VSS_H

/**
 * The door of libvss.a for other programs: what the tools do as calls (requests), one operation step by step (session), finished
 * copies, and the documents.  Writers link with "sdk/vss-writer.h" instead.
 */
#include "copies/copies.h"
#include "doc/doc.h"
#include "requester/forecast.h"
#include "requester/job.h"
#include "requester/metadata.h"
#include "requester/requester.h"
#include "requester/restore_job.h"
#include "session/session.h"

#endif
