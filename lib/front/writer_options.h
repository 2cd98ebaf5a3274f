/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_WRITER_OPTIONS_H
#define VSS_FRONT_WRITER_OPTIONS_H

#include "base/str.h"
#include "cli/opt.h"
#include "model/grade.h"

#include <stdbool.h>

/**
 * Options that create-shadow and backup share: which writers take part, how good the copy must be, who makes it.
 */
struct vss_front_writers {
	struct vss_strv names, exclude;
	struct vss_strv cgroups; /* --hold-cgroup */
	int min_grade;
	uint64_t wait_s;
	const char *storage_size;
};
#define VSS_FRONT_WAIT_DEFAULT 120

/* clang-format off */
/** `f` a struct vss_front_writers, `r` a request that has the members of the same names. */
#define VSS_FRONT_WRITER_OPTIONS(f, r) \
	VSS_ARGS('w', "writer", "WRITER[:/PATH]", &(f).names, \
		"this writer takes part, or this component of it; may be repeated"), \
	VSS_ARGS(0, "exclude-writer", "WRITER[:/PATH]", &(f).exclude, \
		"this writer, or component, stays out; may be repeated"), \
	VSS_FLAG(0, "no-writers", &(r).no_writers, "no writer takes part"), \
	VSS_FLAG(0, "skip-failed-writers", &(r).skip_failed_writers, "go on without one that fails, unless named"), \
	VSS_CHOICE(0, "min-grade", "GRADE", &(f).min_grade, vss_front_grade_by_word, \
		"stop below it: application ... fuzzy")

#define VSS_FRONT_PROVIDER_OPTIONS(f, r) \
	VSS_ARG(0, "provider", "NAME", &(r).provider, "make shadow copies with this provider"), \
	VSS_ARG(0, "storage", "DIR", &(r).storage, "keep copied files there (provider clone)"), \
	VSS_ARG(0, "storage-size", "SIZE|N%", &(f).storage_size, "set so much aside for a copy (provider lvm, thick)"), \
	VSS_ARGS(0, "hold-cgroup", "PATH", &(f).cgroups, \
		"stop its processes, those that write, meanwhile; may be repeated"), \
	VSS_SPAN(0, "wait", "SPAN", &(f).wait_s, "wait so long for another set in creation (default 120 s)")
/* clang-format on */

int vss_front_grade_by_word(const char *word); /* -1 for what is no bar: "none", or unknown */
int vss_front_writers_wait(const struct vss_front_writers *f); /* seconds, as requests take them */
/** `--storage-size`: bytes, or percent of the volume; 0 when it was not given. */
int vss_front_storage_size(
	const struct vss_front_writers *f, uint64_t *bytes, unsigned *percent, struct vss_err *err);
void vss_front_writers_free(struct vss_front_writers *f);
/** Words that cannot go together. */
int vss_front_writers_check(const struct vss_front_writers *f, bool no_writers, struct vss_err *err);

#endif
