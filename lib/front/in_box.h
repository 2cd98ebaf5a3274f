/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_IN_BOX_H
#define VSS_FRONT_IN_BOX_H

#include "sdk/vss-writer.h"

/** An in-box writer that has no other option than where its configuration lies. */
struct vss_in_box {
	const char *name;     /* of the program: "vss-writer-sqlite" */
	const char *purpose;  /* a sentence for --help */
	const char *variable; /* names the configuration where no option does: "VSS_WRITER_SQLITE_CONF" */
	const char *config;   /* and the file where neither does */
	const struct vss_sdk_ops *ops;
	void *self;
	const char **config_path; /* set before the first call-back; good until main() returns */
};
/** Parse the words and speak with the coordinator: the status for main() to return. */
int vss_front_in_box(const struct vss_in_box *b, int argc, char **argv);

#endif
