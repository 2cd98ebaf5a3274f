/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "model/vocabulary.h"
#include "os/mount.h"
#include "os/stack.h"
#include "tree/beneath.h"
#include "tree/only.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSES_MAX 8		 /* while writers run */
#define PASSES_TIME (60 * VSS_S) /* no new one after that, the first one aside */
#define CLOSE_PASSES_MAX 3	 /* while writers are quiet */
#define LITTLE_NAMES 64
#define LITTLE_BYTES (UINT64_C(4) << 20)
#define HOLD_NS (5 * VSS_S)		  /* what the last pass may take under a hold */
#define MARGIN_NS VSS_S			  /* direct writes get their time when they begin, and may take that long */
#define RATE_UNKNOWN (UINT64_C(64) << 20) /* bytes a second, where too little has been copied to tell */

/*
 * Where the mounted directory stands in the copy: a bind mount shows a part of its volume, and
 * copies have the volume's layout.
 */
static int
open_target(int shadow_dirfd, const struct vss_volume *v, struct vss_err *err)
{
	const char *base;

	if (mkdirat(shadow_dirfd, VSS_STORE_COPY, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make the copy");
	VSS_AUTOCLOSE int copy = openat(shadow_dirfd, VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (copy < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the copy");
	if (!v->subpath || !*v->subpath)
		return vss_take_fd(&copy);
	VSS_AUTOCLOSE int parent = vss_open_parent(copy, v->subpath, true, &base, err);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, base, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make %s in the copy", v->subpath);
	return vss_open_beneath(parent, base, O_RDONLY | O_DIRECTORY, 0, err);
}

static int
open_aside(int shadow_dirfd, struct vss_err *err)
{
	if (mkdirat(shadow_dirfd, VSS_CLONE_ASIDE, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make a place beside the copy");
	int fd = openat(shadow_dirfd, VSS_CLONE_ASIDE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "open the place beside the copy") : fd;
}

/* A mount of our own has nothing mounted in it: what others hide is the volume's, and no directory is met twice. */
static int
open_source(const struct vss_volume *v, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;
	VSS_AUTOCLOSE int there = open(v->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (there < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open it");
	VSS_AUTOCLOSE int alone = geteuid() == 0 ? vss_mount_read_only(there, "", &ignored) : -1;
	int fd = alone < 0 ? -1 : openat(alone, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : vss_take_fd(&there);
}

/* Change times of other machines and of user space mean what these want; tmpfs keeps none of stores into mapped pages. */
static bool
has_honest_times(const struct vss_volume *v)
{
	return !v->network && !vss_str_starts(v->fstype, "fuse") && strcmp(v->fstype, "tmpfs") != 0 &&
	       strcmp(v->fstype, "ramfs") != 0;
}

/* Whatever cannot be found out counts as held. */
static bool
stands_on_held(const struct vss_provider_set *ps, int storefd)
{
	struct vss_err ignored = VSS_ERR_INIT;

	for (size_t i = 0; i < ps->nheld; i++)
		if (vss_lies_on(storefd, ps->held[i], &ignored) != 0)
			return true;
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].to_hold && vss_lies_on(storefd, ps->v[i].volume, &ignored) != 0)
			return true;
	return false;
}

struct vss_clone *
vss_clone_new(const struct vss_provider_set *ps, struct vss_provider_volume *v, int shadow_dirfd, struct vss_err *err)
{
	struct vss_clone *c = vss_alloc(sizeof *c);
	struct stat st;

	c->ps = ps;
	c->v = v;
	c->to = c->aside = c->open_fd = c->spool.fd = -1;
	c->honest = v->to_hold || has_honest_times(v->volume);
	c->margin_ns = v->to_hold ? MARGIN_NS : 0;
	c->memory = v->to_hold && stands_on_held(ps, shadow_dirfd);
	vss_only_init(&c->chosen, v->only, v->nonly);
	c->from = open_source(v->volume, err);
	if (c->from < 0 || (c->to = open_target(shadow_dirfd, v->volume, err)) < 0 ||
		(c->aside = open_aside(shadow_dirfd, err)) < 0)
		goto fail;
	if (fstat(c->from, &st)) {
		vss_fail(err, VSS_SYSTEM, errno, "look at it");
		goto fail;
	}
	c->writes_alone = vss_copy_writes_alone(c->from);
	vss_clone_model_init(&c->model, &st);
	return c;
fail:
	vss_clone_free(c);
	return NULL;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
vss_clone_free(struct vss_clone *c)
{
	if (!c)
		return;
	vss_clone_drop_changes(c);
	for (size_t i = 0; i < c->nasides; i++)
		vss_clone_forget_name(c->asides[i]);
	free(c->asides);
	vss_clone_model_free(&c->model);
	vss_strv_free(&c->chosen);
	close_fd(c->from);
	close_fd(c->to);
	close_fd(c->aside);
	close_fd(c->open_fd);
	free(c);
}

/* A pass straight into the copy. */
static int
pass(struct vss_clone *c, struct vss_err *err)
{
	if (vss_clone_scan(c, vss_clone_put, err) || vss_clone_clear_aside(c, err))
		return -1;
	vss_stop_point("provider.clone.passed");
	return 0;
}

static bool
is_little(const struct vss_clone_pass *p)
{
	return p->changed <= LITTLE_NAMES && p->bytes <= LITTLE_BYTES;
}

/* Neither files nor bytes are a quarter fewer: more passes would only chase who writes. */
static bool
is_no_less(const struct vss_clone_pass *now, const struct vss_clone_pass *before)
{
	return now->changed > before->changed / 4 * 3 && now->bytes > before->bytes / 4 * 3;
}

static int
converge(struct vss_clone *c, unsigned most, struct vss_err *err)
{
	int64_t since = vss_now_mono();
	struct vss_clone_pass before;

	if (pass(c, err))
		return -1;
	for (unsigned n = 1; n < most && !is_little(&c->report); n++) {
		if (n > 1 && vss_now_mono() - since > PASSES_TIME)
			break;
		before = c->report;
		if (pass(c, err))
			return -1;
		if (is_no_less(&c->report, &before))
			break;
	}
	return 0;
}

int
vss_clone_approach(struct vss_clone *c, struct vss_err *err)
{
	if (!c->honest)
		return 0;
	(void)syncfs(c->from); /* all at once is sooner done than file by file */
	return converge(c, PASSES_MAX, err);
}

static int64_t
time_for(const struct vss_clone *c, uint64_t bytes)
{
	double rate = RATE_UNKNOWN;

	if (c->all_bytes >= (1 << 20) && c->all_ns > 0)
		rate = (double)c->all_bytes / ((double)c->all_ns / VSS_S);
	return (int64_t)((double)bytes / rate * VSS_S);
}

/* What the last pass took is what the next one is expected to take. */
static int
check_fit(const struct vss_clone *c, struct vss_err *err)
{
	const struct vss_clone_pass *p = &c->report;
	int64_t scan = p->ns - p->copy_ns, need = scan + time_for(c, p->bytes);
	char bytes[32], most[32];

	vss_format_size(bytes, p->bytes);
	vss_format_size(most, c->spool.max);
	if (need > HOLD_NS)
		return vss_fail(err, VSS_E_HOLD_WRITES_TIMEOUT, 0,
			"%s in %llu files change while they are copied; to take that at one instant writes would have "
			"to be "
			"held for %.1f s, and may be for %d s: stop what writes there",
			bytes, (unsigned long long)p->changed, (double)need / VSS_S, (int)(HOLD_NS / VSS_S));
	if (p->bytes > c->spool.max / 2)
		return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
			"%s change while they are copied, and the changes at the end must be kept in %s of memory: "
			"put clone storage on another disk (--storage DIR)",
			bytes, most);
	return 0;
}

/* A pass that finds nothing proves that the copy is what the volume was when that pass began. */
static int
last_fuzzy(struct vss_clone *c, struct vss_err *err)
{
	for (int n = 0; n < CLOSE_PASSES_MAX; n++) {
		if (n > 0)
			vss_clone_let_tick();
		if (pass(c, err))
			return -1;
		if (c->report.changed == 0 && c->report.torn == 0)
			c->still = c->honest;
		if (c->still || !is_little(&c->report))
			break;
	}
	c->complete = true;
	c->v->committed_ns = vss_now_mono();
	return 0;
}

int
vss_clone_close_up(struct vss_clone *c, struct vss_err *err)
{
	if (!c->v->to_hold) /* its storage may lie on what will be held, and nobody is to be held for it */
		return c->ps->nheld ? last_fuzzy(c, err) : 0;
	if (vss_clone_spool_open(&c->spool, c->memory ? -1 : c->to, err) || converge(c, CLOSE_PASSES_MAX, err))
		return -1;
	return check_fit(c, err);
}

static int
last_held(struct vss_clone *c, struct vss_err *err)
{
	c->deadline = vss_now_mono() + HOLD_NS;
	int r = vss_clone_scan(c, vss_clone_gather, err);
	c->deadline = 0;
	if (r)
		return -1;
	if (c->report.torn > 0)
		return vss_fail(err, VSS_E_HOLD_WRITES_TIMEOUT, 0, "it was changed while its writes were held");
	return 0;
}

int
vss_clone_last(struct vss_clone *c, struct vss_err *err)
{
	struct vss_provider_volume *v = c->v;

	if (v->to_hold ? last_held(c, err) : !c->complete && last_fuzzy(c, err))
		return -1;
	v->fuzzy = !v->to_hold;
	v->still = c->still;
	v->attributes = VSS_ATTR_PLEX;
	if (v->to_hold)
		v->committed_ns = vss_now_mono();
	v->effort = (struct vss_provider_effort){ c->pass, c->report.looked, c->report.changed, c->report.bytes,
		c->report.ns, c->memory ? c->spool.max : 0 };
	return 0;
}

int
vss_clone_finish(struct vss_clone *c, struct vss_err *err)
{
	return c->v->to_hold ? vss_clone_replay(c, err) : 0;
}
