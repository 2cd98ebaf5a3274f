/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_CREATE_H
#define VSS_FRONT_CREATE_H

#include "front/front.h"
#include "front/writer_options.h"
#include "requester/requester.h"

#include <stdbool.h>

/**
 * create-shadow: from words to the request, and the report.
 */
struct vss_front_create {
	struct vss_create_request request; /* the options write here; the words are added by the call below */
	struct vss_front_writers writers;
	const char *context, *attributes;
	const char *write_env;
	const char *document; /* with transportable: where what the other machine needs is written */
	bool transportable;
	bool persistent, json;
	enum vss_front_shape shape;
};

/**
 * Make the set, run args->command (if there is one) while it stands, and report: text, or one JSON object {set_id,
 * created, grade, freeze_ms, skew_ms, held_ms, held_cgroups, shadows, writers, ledger}, with `error` {code, message} beside them when a set was
 * begun and failed.  The set goes after the command unless `persistent`.
 */
int vss_front_create_shadow(struct vss_front_create *c, const struct vss_args *args, struct vss_err *err);

#endif
