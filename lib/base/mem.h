/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_MEM_H
#define VSS_BASE_MEM_H

#include <stddef.h>

/**
 * Memory.  The small allocations of a tool do not fail in a way that a caller could mend, so these end the process with
 * abort() when there is no memory: writers see end of input and thaw, and the next run reaps (lib/base/NOTES).  A size that
 * comes from input is bounded by its reader before it gets here.
 */
void *vss_alloc(size_t n);			 /* zeroed; n == 0 gives a unique pointer */
void *vss_realloc(void *p, size_t count, size_t size); /* not zeroed; overflow-checked */
char *vss_strdup(const char *s);		 /* NULL gives NULL */
char *vss_strndup(const char *s, size_t n);
void *vss_memdup(const void *p, size_t n);

/** Clean-up attributes: for memory and read-only descriptors only.  Files that are written are closed by hand. */
void vss_autofree_(void *pp);
void vss_autoclose_(int *fd);
#define VSS_AUTOFREE __attribute__((cleanup(vss_autofree_)))
#define VSS_AUTOCLOSE __attribute__((cleanup(vss_autoclose_)))

/** Give away what a VSS_AUTOFREE variable owns: `return vss_take(&p);` */
void *vss_take_(void *pp);
#define vss_take(pp) ((__typeof__(*(pp)))vss_take_(pp))
/** The same for a VSS_AUTOCLOSE descriptor. */
int vss_take_fd(int *fd);

/** Push onto a growing array: `VSS_PUSH(v->items, v->n, v->cap) = item;` */
void *vss_grow_(void *items, size_t n, size_t *cap, size_t size);
#define VSS_PUSH(items, n, cap) \
	(*((items) = vss_grow_((items), (n), &(cap), sizeof *(items)), &(items)[(n)++]))

#endif
