/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_model.h"

#include "base/mem.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024

static size_t
slot_of(const struct vss_clone_model *m, dev_t dev, ino_t ino)
{
	uint64_t h = ((uint64_t)ino ^ ((uint64_t)dev << 40)) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 20) & (m->nslots - 1);
}

static void
put_in_slot(struct vss_clone_model *m, struct vss_clone_inode *i)
{
	size_t s = slot_of(m, i->dev, i->ino);
	while (m->slots[s])
		s = (s + 1) & (m->nslots - 1);
	m->slots[s] = i;
}

/* All that are there into new slots, `n` of them; with `named` those without names are freed instead. */
static void
rebuild(struct vss_clone_model *m, size_t n, void (*drop)(struct vss_clone_inode *i))
{
	struct vss_clone_inode **old = m->slots;
	size_t nold = m->nslots;

	m->slots = vss_alloc(n * sizeof(*m->slots));
	m->nslots = n;
	for (size_t s = 0; s < nold; s++) {
		if (!old[s])
			continue;
		if (drop && !old[s]->names && old[s] != m->root) {
			drop(old[s]);
			m->n--;
		} else {
			put_in_slot(m, old[s]);
		}
	}
	free(old);
}

static struct vss_clone_inode *
new_inode(dev_t dev, ino_t ino, mode_t mode)
{
	struct vss_clone_inode *i = vss_alloc(sizeof *i);

	i->dev = dev;
	i->ino = ino;
	i->type = mode & S_IFMT;
	if (S_ISDIR(mode))
		i->dir = vss_alloc(sizeof *i->dir);
	return i;
}

static void
free_inode(struct vss_clone_inode *i)
{
	if (i->dir)
		free(i->dir->v);
	free(i->dir);
	free(i);
}

void
vss_clone_model_init(struct vss_clone_model *m, const struct stat *root)
{
	m->nslots = FIRST_SLOTS;
	m->n = 0;
	m->slots = vss_alloc(m->nslots * sizeof(*m->slots));
	m->root = vss_clone_add(m, root->st_dev, root->st_ino, root->st_mode);
}

void
vss_clone_model_free(struct vss_clone_model *m)
{
	struct vss_clone_dir *top = m->root ? m->root->dir : NULL;

	while (top && top->n > 0)
		vss_clone_forget_name(top->v[top->n - 1]);
	for (size_t s = 0; s < m->nslots; s++)
		if (m->slots[s])
			free_inode(m->slots[s]);
	free(m->slots);
	*m = (struct vss_clone_model){ 0 };
}

struct vss_clone_inode *
vss_clone_find(const struct vss_clone_model *m, dev_t dev, ino_t ino)
{
	size_t s = slot_of(m, dev, ino);
	while (m->slots[s] && (m->slots[s]->ino != ino || m->slots[s]->dev != dev))
		s = (s + 1) & (m->nslots - 1);
	return m->slots[s];
}

struct vss_clone_inode *
vss_clone_add(struct vss_clone_model *m, dev_t dev, ino_t ino, mode_t mode)
{
	struct vss_clone_inode *i = new_inode(dev, ino, mode);

	if (++m->n * 4 > m->nslots * 3)
		rebuild(m, m->nslots * 2, NULL);
	put_in_slot(m, i);
	return i;
}

struct vss_clone_inode *
vss_clone_replace(struct vss_clone_model *m, struct vss_clone_inode *old, mode_t mode)
{
	struct vss_clone_inode *i = new_inode(old->dev, old->ino, mode);
	size_t s = slot_of(m, old->dev, old->ino);

	while (m->slots[s] != old)
		s = (s + 1) & (m->nslots - 1);
	m->slots[s] = i;
	old->orphan = true;
	if (!old->names)
		free_inode(old);
	return i;
}

void
vss_clone_sign(struct vss_clone_sign *out, const struct stat *st)
{
	out->size = st->st_size;
	out->mtime_ns = st->st_mtim.tv_sec * VSS_S + st->st_mtim.tv_nsec;
	out->ctime_ns = st->st_ctim.tv_sec * VSS_S + st->st_ctim.tv_nsec;
}

bool
vss_clone_same_sign(const struct vss_clone_sign *a, const struct vss_clone_sign *b)
{
	return a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* The place of the first name that does not sort before `text`. */
static size_t
place_of(const struct vss_clone_dir *d, const char *text)
{
	size_t low = 0, high = d->n;

	if (high > 0 && strcmp(d->v[high - 1]->text, text) < 0) /* they mostly come in order */
		return high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(d->v[mid]->text, text) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct vss_clone_name *
vss_clone_child(const struct vss_clone_inode *dir, const char *text)
{
	size_t at = place_of(dir->dir, text);
	return at < dir->dir->n && strcmp(dir->dir->v[at]->text, text) == 0 ? dir->dir->v[at] : NULL;
}

static void
insert(struct vss_clone_inode *dir, struct vss_clone_name *name)
{
	struct vss_clone_dir *d = dir->dir;
	size_t at = place_of(d, name->text);

	VSS_PUSH(d->v, d->n, d->cap) = name;
	memmove(&d->v[at + 1], &d->v[at], (d->n - 1 - at) * sizeof(*d->v));
	d->v[at] = name;
	name->parent = dir;
	name->aside = 0;
}

static struct vss_clone_name *
new_name(struct vss_clone_inode *inode, const char *text, unsigned seen)
{
	size_t n = strlen(text) + 1;
	struct vss_clone_name *name = vss_alloc(sizeof *name + n);

	memcpy(name->text, text, n);
	name->inode = inode;
	name->other = inode->names;
	inode->names = name;
	name->seen = seen;
	return name;
}

struct vss_clone_name *
vss_clone_name(struct vss_clone_inode *dir, const char *text, struct vss_clone_inode *inode, unsigned seen)
{
	struct vss_clone_name *name = new_name(inode, text, seen);
	insert(dir, name);
	return name;
}

void
vss_clone_unhang(struct vss_clone_name *name)
{
	struct vss_clone_dir *d = name->parent->dir;
	size_t at = place_of(d, name->text);

	memmove(&d->v[at], &d->v[at + 1], (d->n - 1 - at) * sizeof(*d->v));
	d->n--;
	name->parent = NULL;
}

/* Its inode loses it. */
static void
drop_name(struct vss_clone_name *name)
{
	struct vss_clone_name **p = &name->inode->names;

	while (*p != name)
		p = &(*p)->other;
	*p = name->other;
	if (name->inode->orphan && !name->inode->names)
		free_inode(name->inode);
	free(name);
}

struct vss_clone_name *
vss_clone_hang(struct vss_clone_name *name, struct vss_clone_inode *dir, const char *text, unsigned seen)
{
	struct vss_clone_name *hung = new_name(name->inode, text, seen);

	insert(dir, hung);
	drop_name(name);
	return hung;
}

void
vss_clone_forget_name(struct vss_clone_name *name)
{
	struct vss_clone_dir *below = name->inode->dir;

	while (below && below->n > 0)
		vss_clone_forget_name(below->v[below->n - 1]);
	if (name->parent)
		vss_clone_unhang(name);
	drop_name(name);
}

void
vss_clone_purge(struct vss_clone_model *m)
{
	rebuild(m, m->nslots, free_inode);
}

static bool
is_aside(const struct vss_clone_name *name)
{
	return !name->parent;
}

/* A directory has one name. */
static bool
add_path(const struct vss_clone_name *name, struct vss_buf *path)
{
	bool aside = is_aside(name);

	if (aside) {
		vss_buf_fmt(path, "%" PRIu64, name->aside);
		return true;
	}
	if (name->parent->names)
		aside = add_path(name->parent->names, path);
	if (path->len > 0)
		vss_buf_ch(path, '/');
	vss_buf_str(path, name->text);
	return aside;
}

bool
vss_clone_where(const struct vss_clone_name *name, struct vss_buf *path)
{
	vss_buf_reset(path);
	vss_buf_str(path, "");
	return add_path(name, path);
}
