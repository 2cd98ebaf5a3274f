/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/from_shadow.h"

#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "provider/provider.h"
#include "requester/forecast_internal.h"
#include "session/topology.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the set --- */

/* In a set in part some volumes are missing: what would be archived is no longer what was copied. */
static int
check_whole(const struct vss_set *set, const char *word, struct vss_err *err)
{
	if (!vss_uuid_is_nil(&set->owner))
		return vss_fail(err, VSS_INVALID, 0, "%s: this set goes with the command that made it", word);
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_provider_ops *ops = vss_provider_named(set->shadows[i].provider, err);
		int there = ops ? ops->exists(&set->shadows[i], err) : -1;
		if (there < 0)
			return vss_wrap(err, "shadow copy of %s", set->shadows[i].volume);
		if (!there)
			return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: its shadow copy of %s was deleted", word,
				set->shadows[i].volume);
	}
	if (set->nshadows < set->count)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
			"%s: %zu of its %u shadow copies %s deleted: make a new set", word, set->count - set->nshadows,
			set->count, set->count - set->nshadows == 1 ? "was" : "were");
	return 0;
}

static int
find(struct vss_from_shadow *f, const char *word, struct vss_err *err)
{
	struct vss_set_list all = { 0 };
	struct vss_set *found;

	if (vss_copies_list(&all, err) < 0)
		return -1;
	int rc = vss_copies_find_set(&all, word, &found, err);
	if (rc == 0)
		f->set = vss_set_copy(found);
	vss_set_list_free(&all);
	return rc;
}

int
vss_from_shadow_open(struct vss_from_shadow *f, const char *word, struct vss_err *err)
{
	memset(f, 0, sizeof *f);
	if (find(f, word, err) < 0)
		return -1;
	if (check_whole(f->set, word, err) == 0 && vss_from_shadow_read_documents(f, err) == 0)
		return 0;
	vss_from_shadow_close(f);
	return -1;
}

void
vss_from_shadow_close(struct vss_from_shadow *f)
{
	vss_from_shadow_clear_writers(f);
	vss_bcd_free(f->made_with);
	vss_bcd_free(f->bcd);
	vss_set_free(f->set);
	memset(f, 0, sizeof *f);
}

/* --- its volumes and paths --- */

static struct vss_volume *
volume_of(const struct vss_shadow *sh)
{
	struct vss_volume *v = vss_alloc(sizeof *v);

	v->mount = vss_strdup(sh->volume);
	v->id = vss_strdup(sh->volume_id ? sh->volume_id : sh->volume);
	v->source = vss_strdup(sh->source ? sh->source : "");
	v->fstype = vss_strdup(sh->fstype ? sh->fstype : "");
	v->fs_uuid = vss_strdup(sh->fs_uuid);
	v->fs_root = vss_strdup("/");
	v->subpath = vss_strdup(sh->subpath ? sh->subpath : "");
	return v;
}

static int
by_mount(const void *a, const void *b)
{
	const struct vss_volume *const *x = a, *const *y = b;
	return strcmp((*x)->mount, (*y)->mount);
}

/* Whatever is mounted on this machine by now: in the set these and no others lie in each other. */
static int
add_volumes(const struct vss_set *set, struct vss_plan *p, struct vss_err *err)
{
	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_PUSH(p->mounted.v, p->mounted.n, p->mounted.cap) = volume_of(&set->shadows[i]);
		if (vss_plan_place_for(p, volume_of(&set->shadows[i]), err) == SIZE_MAX)
			return -1;
	}
	qsort(p->mounted.v, p->mounted.n, sizeof(struct vss_volume *), by_mount);
	return 0;
}

/* What lies at `path` in the copies. */
static int
look_at(const struct vss_set *set, const struct vss_plan *p, const char *path, struct stat *st, struct vss_err *err)
{
	const struct vss_plan_place *at = vss_plan_place_of(p, path);
	const char *base;

	if (!at)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: lies on no volume of the set", path);
	const struct vss_shadow *sh = &set->shadows[at->of];
	VSS_AUTOFREE char *inner = vss_volume_inner(at->volume, path);
	VSS_AUTOFREE char *root = vss_strf("%s/.", sh->device);
	VSS_AUTOCLOSE int copy = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: open its shadow copy", sh->volume);
	VSS_AUTOCLOSE int dir = *inner ? vss_open_parent(copy, inner, false, &base, err) : -1;
	if (*inner && dir < 0)
		return vss_wrap(err, "%s: in the shadow copy", path);
	int rc = *inner ? fstatat(dir, base, st, AT_SYMLINK_NOFOLLOW) : fstat(copy, st);
	return rc < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s: in the shadow copy", path) : 0;
}

/* Volumes of the set that lie below the path are taken with it. */
static void
take_below(struct vss_plan *p, const char *path)
{
	for (size_t i = 0; i < p->nplaces; i++) {
		struct vss_plan_place *at = &p->places[i];
		const char *mount = at->volume->mount;
		if (strcmp(mount, path) == 0 || !vss_path_is_below(mount, path) ||
			vss_choice_is_excluded(&p->choice, mount))
			continue;
		at->enter = at->plain = p->volumes[at->of].plain = true;
	}
}

/* The path that the word means, by the links on the way to it as they are now; it need not be there any more. */
static char *
path_of_word(const char *word, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = *word == '/' ? NULL : getcwd(NULL, 0);

	if (!*word || (*word != '/' && !cwd)) {
		vss_fail(err, VSS_USAGE, 0, "'%s': name an absolute path", word);
		return NULL;
	}
	char *path = vss_path_clean(word, cwd);
	if (strcmp(path, "/") == 0)
		return path;
	VSS_AUTOFREE char *clean = path;
	VSS_AUTOFREE char *dir = vss_path_dir(clean);
	VSS_AUTOFREE char *real = vss_choice_real_path(dir);
	return vss_path_join(real, vss_path_base(clean));
}

static int
add_path(struct vss_from_shadow *f, const struct vss_backup_request *r, struct vss_plan *p, const char *word,
	struct vss_err *err)
{
	VSS_AUTOFREE char *path = path_of_word(word, err);
	struct stat st = { 0 };

	if (!path || look_at(f->set, p, path, &st, err) < 0)
		return -1;
	const struct vss_plan_place *at = vss_plan_place_of(p, path);
	p->volumes[at->of].plain = true;
	vss_choice_add_path(&p->choice, path, at->volume->mount);
	if (S_ISDIR(st.st_mode) && !r->one_file_system)
		take_below(p, path);
	return 0;
}

static int
add_everything(struct vss_plan *p)
{
	for (size_t i = 0; i < p->nplaces; i++) {
		const char *mount = p->places[i].volume->mount;
		p->volumes[p->places[i].of].plain = true;
		vss_choice_add_path(&p->choice, mount, mount);
	}
	return 0;
}

static int
add_paths(struct vss_from_shadow *f, const struct vss_backup_request *r, struct vss_plan *p, struct vss_err *err)
{
	bool names_writers = r->writers && r->writers->n;

	if (!(r->paths && r->paths->n))
		return names_writers ? 0 : add_everything(p);
	for (size_t i = 0; i < r->paths->n; i++)
		if (add_path(f, r, p, r->paths->v[i], err) < 0)
			return -1;
	return 0;
}

static int
check_bar(const struct vss_set *set, const struct vss_plan *p, enum vss_grade min, struct vss_err *err)
{
	enum vss_grade bar = min ? min : VSS_GRADE_CRASH;

	for (size_t i = 0; i < p->nvolumes; i++)
		if (p->volumes[i].plain && set->shadows[i].grade < bar)
			return vss_topology_refuse(set->shadows[i].volume, set->shadows[i].grade, bar, err);
	return 0;
}

/* What it holds is as it was when the set was made, and so is its time. */
static struct vss_bcd *
new_document(const struct vss_set *set)
{
	struct vss_bcd *b = vss_bcd_new();

	vss_uuid_random(&b->backup_id);
	b->set_id = set->id;
	b->type = VSS_BT_COPY;
	b->component_mode = true;
	b->host = vss_strdup(set->host);
	b->created_ns = set->created_ns;
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_shadow *sh = &set->shadows[i];
		struct vss_bcd_volume *v = vss_bcd_add_volume(b, sh->volume);
		v->id = vss_strdup(sh->volume_id);
		v->fstype = vss_strdup(sh->fstype);
		v->provider = vss_strdup(sh->provider);
		v->shadow = sh->id;
		v->grade = sh->grade;
	}
	return b;
}

/* To show a copy is to mount it, which is more than a dry run may do. */
static int
refuse_hidden(const struct vss_shadow *sh, struct vss_err *err)
{
	if (sh->device && access(sh->device, F_OK) == 0)
		return 0;
	return vss_fail(err, VSS_ABSENT, 0, "is not shown since the machine was started; the backup itself shows it");
}

/* After a restart of the machine nothing shows the copies any more. */
static int
surface(const struct vss_set *set, bool dry_run, struct vss_err *err)
{
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_shadow *sh = &set->shadows[i];
		if ((dry_run ? refuse_hidden(sh, err) : vss_copies_surface(sh, err)) < 0)
			return vss_wrap(err, "shadow copy of %s", sh->volume);
	}
	return 0;
}

int
vss_from_shadow_plan(
	struct vss_from_shadow *f, const struct vss_backup_request *r, struct vss_plan *p, struct vss_err *err)
{
	if (surface(f->set, r->dry_run, err) < 0 || add_volumes(f->set, p, err) < 0)
		return -1;
	f->bcd = new_document(f->set);
	if (add_paths(f, r, p, err) < 0 || vss_from_shadow_choose(f, r, p, err) < 0 || vss_plan_read_lists(p, err) < 0)
		return -1;
	return check_bar(f->set, p, r->min_grade, err);
}

struct vss_session *
vss_from_shadow_session(struct vss_from_shadow *f)
{
	struct vss_bcd *bcd = f->bcd;

	f->bcd = NULL;
	return vss_session_new_for_set(f->set, bcd);
}

/* Copies of one domain and mark are one instant; others by what was proved of the whole set. */
static unsigned
group_of(const struct vss_set *set, size_t i)
{
	const struct vss_shadow *a = &set->shadows[i];

	if (set->instant == VSS_INSTANT_ONE)
		return 0;
	for (size_t k = 0; k < i; k++) {
		const struct vss_shadow *b = &set->shadows[k];
		if (a->domain && vss_str_eq(a->domain, b->domain) && a->mark == b->mark)
			return (unsigned)k;
	}
	return (unsigned)i;
}

/* The writers have frozen long ago: of these components it is known what came of it. */
static void
grade_components(const struct vss_from_shadow *f, const struct vss_plan *p, struct vss_forecast *x)
{
	size_t i = 0;

	for (size_t w = 0; w < x->nwriters; w++)
		for (size_t k = 0; k < x->writers[w].ncomponents; k++, i++)
			x->writers[w].components[k].best = vss_from_shadow_grade(f, &p->choice.components[i]);
}

int
vss_from_shadow_dry(struct vss_from_shadow *f, const struct vss_plan *p, struct vss_forecast **out)
{
	struct vss_forecast *x = *out = vss_alloc(sizeof *x);

	x->from_set = f->set->id;
	x->instant = f->set->instant;
	x->grade = VSS_GRADE_APPLICATION;
	for (size_t i = 0; i < f->set->nshadows; i++) {
		const struct vss_shadow *sh = &f->set->shadows[i];
		VSS_PUSH(x->volumes, x->nvolumes, x->cvolumes) = (struct vss_forecast_volume){
			.volume = vss_strdup(sh->volume),
			.id = vss_strdup(sh->volume_id),
			.provider = vss_strdup(sh->provider),
			.instant = sh->instant,
			.group = group_of(f->set, i),
			.grade = sh->grade,
			.plain = p->volumes[i].plain,
		};
		if (sh->grade < x->grade)
			x->grade = sh->grade;
	}
	vss_forecast_describe(x, p);
	grade_components(f, p, x);
	return 0;
}
