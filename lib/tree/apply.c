/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/attr_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WARNED_MAX 64 /* names: enough for what file systems have, and a bound for what an archive may say */

struct job {
	int fd;
	struct vss_xattr_place place; /* of fd */
	const struct vss_attr *a;
	unsigned how;
	unsigned *lost; /* or NULL */
	struct stat st; /* of the file since its owner was set */
};

/* Has this been said before?  A tree of a million files has one message for each name. */
static bool
first_time(const char *name)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct vss_strv warned;
	pthread_mutex_lock(&lock);
	bool is_new = warned.n < WARNED_MAX && !vss_strv_has(&warned, name);
	if (is_new)
		vss_strv_add(&warned, name);
	pthread_mutex_unlock(&lock);
	return is_new;
}

static void
lose(const struct job *j, const char *name, int sys)
{
	if (j->lost)
		++*j->lost;
	if (first_time(name))
		vss_warn("extended attribute %s: not kept here: %s", name, strerror(sys));
}

/* Refused for want of privilege, or for an id that this user namespace does not have. */
static bool
is_refusal(int sys)
{
	return sys == EPERM || sys == EINVAL || sys == EACCES;
}

static int
apply_owner(struct job *j, struct vss_err *err)
{
	const struct vss_attr *a = j->a;
	bool if_can = j->how & VSS_APPLY_OWNER_IF_CAN;
	bool wanted = if_can || (j->how & VSS_APPLY_OWNER);
	if (wanted && (j->st.st_uid != a->uid || j->st.st_gid != a->gid)) {
		int r = fchownat(j->fd, "", a->uid, a->gid, AT_EMPTY_PATH);
		if (r < 0 && !(if_can && is_refusal(errno)))
			return vss_fail(err, VSS_SYSTEM, errno, "set owner %u:%u", a->uid, a->gid);
		/* The group alone: one of ours may be given. */
		if (r < 0 && fchownat(j->fd, "", (uid_t)-1, a->gid, AT_EMPTY_PATH) < 0 && !is_refusal(errno))
			return vss_fail(err, VSS_SYSTEM, errno, "set group %u", a->gid);
	}
	return fstat(j->fd, &j->st) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "stat") : 0;
}

/* What this restore may set, and so what it may take away. */
static bool
may_touch(const char *name, unsigned how)
{
	if (vss_str_starts(name, "user.") || vss_xattr_is_acl(name))
		return true;
	return how & VSS_APPLY_TRUSTED;
}

static bool
has_xattr(const struct vss_attr *a, const char *name)
{
	for (size_t i = 0; i < a->nxattrs; i++)
		if (strcmp(a->xattrs[i].name, name) == 0)
			return true;
	return false;
}

/*
 * What the file got by being made here and did not have: an ACL inherited from its directory.  Security labels are left alone: the
 * running policy gave them, and it does not let go of them.
 */
static int
remove_others(const struct job *j, struct vss_err *err)
{
	VSS_AUTOFREE char *names = NULL;
	size_t n;
	if (vss_xattr_names(&j->place, &names, &n, err) < 0)
		return -1;
	for (const char *name = names; name < names + n; name += strlen(name) + 1) {
		bool is_label = vss_str_starts(name, "security.") && strcmp(name, "security.capability") != 0;
		if (is_label || !may_touch(name, j->how) || has_xattr(j->a, name))
			continue;
		int e = vss_xattr_remove(&j->place, name);
		if (e && e != ENODATA && e != ENOTSUP && e != EPERM)
			return vss_fail(err, VSS_SYSTEM, e, "remove extended attribute %s", name);
	}
	return 0;
}

static int
set_xattrs(const struct job *j, bool acls, struct vss_err *err)
{
	for (size_t i = 0; i < j->a->nxattrs; i++) {
		const struct vss_xattr *x = &j->a->xattrs[i];
		if (vss_xattr_is_acl(x->name) != acls || !may_touch(x->name, j->how))
			continue;
		int e = vss_xattr_set(&j->place, x);
		if (e == ENOTSUP || e == EPERM || e == E2BIG)
			lose(j, x->name, e);
		else if (e)
			return vss_fail(err, VSS_SYSTEM, e, "set extended attribute %s", x->name);
	}
	return 0;
}

static int
apply_xattrs(const struct job *j, struct vss_err *err)
{
	if (!(j->how & VSS_APPLY_XATTR))
		return 0;
	if (remove_others(j, err) < 0 || set_xattrs(j, false, err) < 0)
		return -1;
	return set_xattrs(j, true, err);
}

/* Set-id bits mean the owner: whoever could not be made the owner must not lend his name.  On a directory they only pass the group on. */
static mode_t
mode_to_set(const struct job *j)
{
	mode_t mode = j->a->mode & 07777;
	if (S_ISDIR(j->a->mode))
		return mode;
	if (!(j->how & VSS_APPLY_TRUSTED) || j->st.st_uid != j->a->uid)
		mode &= ~(mode_t)S_ISUID;
	if (!(j->how & VSS_APPLY_TRUSTED) || j->st.st_gid != j->a->gid)
		mode &= ~(mode_t)S_ISGID;
	return mode;
}

static int
apply_mode(const struct job *j, struct vss_err *err)
{
	mode_t mode = mode_to_set(j);
	if (S_ISLNK(j->st.st_mode))
		return 0;
	/* fchmod(2) does not take O_PATH descriptors; their /proc path leads to the same file. */
	int r = j->place.fd >= 0 ? fchmod(j->fd, mode) : chmod(j->place.path, mode);
	return r < 0 ? vss_fail(err, VSS_SYSTEM, errno, "set mode %04o", mode) : 0;
}

static int
apply_times(const struct job *j, struct vss_err *err)
{
	const struct timespec times[2] = { { j->a->atime_s, j->a->atime_ns }, { j->a->mtime_s, j->a->mtime_ns } };
	if (!(j->how & VSS_APPLY_TIMES))
		return 0;
	if (utimensat(j->fd, "", times, AT_EMPTY_PATH) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "set times");
	return 0;
}

int
vss_attr_apply(int fd, const struct vss_attr *a, unsigned how, unsigned *lost, struct vss_err *err)
{
	struct job j = { fd, vss_xattr_place_fd(fd), a, how, lost, { 0 } };
	if (fstat(fd, &j.st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	if (apply_owner(&j, err) < 0 || apply_xattrs(&j, err) < 0 || apply_mode(&j, err) < 0)
		return -1;
	return apply_times(&j, err);
}
