/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_FRONT_H
#define VSS_FRONT_FRONT_H

#include "cli/opt.h"
#include "cli/out.h"

#include <stdbool.h>

/**
 * What the tools share, above the libraries: how a tool begins, and how results look.  Printers write to stdout
 * only and never fail; vss_finish() tells of a stdout that did.  The shells use the same printers.
 */

/**
 * vss_parse(), and for a tool that `changes` something: signals are caught from here on, so that what was begun is
 * undone, and without root it leaves with status 1, unless the volumes are fake ones ($VSS_FAKE_VOLUMES).  Results
 * as vss_parse().
 */
int vss_front_parse(const struct vss_tool *tool, int argc, char **argv, struct vss_args *out, int *status);

/** Fails with VSS_DENIED without root, unless the volumes are fake ones; for tools that need it for some of their
 * work only. */
int vss_front_need_root(struct vss_err *err);

/** How a list is wanted: text by default, rows of `columns`, or JSON.  The block of options has the group number 1. */
struct vss_front_list {
	const char *columns;
	bool json;
};
/* clang-format off */
#define VSS_FRONT_LIST_OPTIONS(l) \
	VSS_ARG_X(0, "columns", "A,B,...", &(l).columns, 1, "one row an item, of these columns"), \
	VSS_FLAG_X(0, "json", &(l).json, 1, "print JSON")
/* clang-format on */

/** Whose words a report has: the tools' own (with vssadmin's labels), or just those that the two fronts are known for. */
enum vss_front_shape { VSS_SHAPE_OWN, VSS_SHAPE_DISKSHADOW, VSS_SHAPE_VSSADMIN };

/** What vssadmin says where a list is empty. */
void vss_front_none(void);
/** Has that been said?  vssadmin's status tells. */
bool vss_front_was_none(void);

#endif
