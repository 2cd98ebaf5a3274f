/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <sys/stat.h>

static enum vss_took
trouble_or_gone(struct vss_err *err)
{
	if (err->code != VSS_ABSENT)
		return VSS_TOOK_TROUBLE;
	vss_forgive(err);
	return VSS_TOOK_GONE;
}

static enum vss_took
as_took(enum vss_went went)
{
	switch (went) {
	case VSS_WENT_WELL:
		return VSS_TOOK_WELL;
	case VSS_WENT_TROUBLE:
		return VSS_TOOK_TROUBLE;
	case VSS_WENT_CHANGED:
		return VSS_TOOK_CHANGED;
	default:
		return VSS_TOOK_FATAL;
	}
}

enum vss_took
vss_copy_one(const struct vss_copy_one *o, struct vss_attr *a, uint64_t *bytes, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = vss_copy_open(o->dirfd, o->name, err);
	if (in < 0)
		return trouble_or_gone(err);
	if (vss_attr_read(o->dirfd, o->name, in, a, err) < 0)
		return VSS_TOOK_TROUBLE;
	if (!S_ISREG(a->mode) || a->dev != o->dev || a->ino != o->ino)
		return VSS_TOOK_GONE;
	if (vss_copy_flush(in, o->writes_alone, err) < 0)
		return VSS_TOOK_TROUBLE;
	const struct vss_content content = { in, o->out, a->size, bytes, o->poll, o->ctx };
	enum vss_went went = vss_content_clone(&content, err);
	if (went == VSS_WENT_WELL && !vss_copy_is_same(o->dirfd, o->name, a))
		went = VSS_WENT_CHANGED;
	return as_took(went);
}
