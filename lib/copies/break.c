/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/break.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/time.h"
#include "copies/copies_internal.h"
#include "os/lock.h"
#include "tree/walk.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *
vss_copies_break_name(const struct vss_set *set, size_t index)
{
	const char *base = vss_path_base(set->shadows[index].volume);
	time_t t = (time_t)(set->created_ns / VSS_S);
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm);
	return vss_strf("%.200s-%s", *base ? base : "root", text);
}

static int
check_name(const char *name, struct vss_err *err)
{
	bool bad = !*name || strchr(name, '/') || strlen(name) > NAME_MAX || *name == '.';

	return bad ? vss_fail(err, VSS_USAGE, 0, "'%s' is no name for a volume: it lies beside the original one", name)
		   : 0;
}

int
vss_copies_check_break(const struct vss_set *set, size_t index, const char *name, struct vss_err *err)
{
	const struct vss_shadow *s = &set->shadows[index];
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);

	if (!ops || check_name(name, err) < 0)
		return -1;
	if (s->attributes & VSS_ATTR_CLIENT_ACCESSIBLE)
		return vss_fail(err, VSS_E_UNSUPPORTED_CONTEXT, 0, "client-accessible shadow copies cannot be broken");
	if (!ops->detach)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "provider %s cannot make a volume of it", ops->name);
	if (copies_refuse_in_use(set, index, err) < 0)
		return -1;
	int there = ops->exists(s, err);
	if (there < 0)
		return -1;
	return there ? 0 : vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the shadow copy is not there any more");
}

int
vss_copies_break(struct vss_set *set, size_t index, const char *name, bool writable, char **where, struct vss_err *err)
{
	struct vss_shadow *s = &set->shadows[index];

	if (vss_copies_check_break(set, index, name, err) < 0)
		return -1;
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);
	if (s->exposed && vss_copies_unexpose(s->exposed, err) < 0)
		return -1;
	if (ops->unsurface(s, s->device, err) < 0 || ops->detach(s, name, writable, where, err) < 0)
		return -1;
	vss_stop_point("copies.detached");
	return copies_forget(set, index, err);
}
