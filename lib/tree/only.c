/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/only.h"

#include "base/mem.h"

#include <string.h>

void
vss_only_init(struct vss_strv *chosen, const char *const *paths, size_t n)
{
	for (size_t i = 0; paths && i < n; i++) {
		if (!*paths[i] || strcmp(paths[i], ".") == 0) {
			vss_strv_free(chosen); /* the root is everything */
			return;
		}
		vss_strv_add(chosen, paths[i]);
	}
	vss_strv_sort(chosen);
}

/* The first chosen path that does not sort before the `n` bytes at `path` and a further byte `then` (0: nothing more). */
static const char *
first_from(const struct vss_strv *chosen, const char *path, size_t n, char then)
{
	size_t low = 0, high = chosen->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *s = chosen->v[mid];
		int c = strncmp(s, path, n);
		if (c == 0)
			c = (unsigned char)s[n] - (unsigned char)then;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < chosen->n ? chosen->v[low] : NULL;
}

static bool
is_chosen(const struct vss_strv *chosen, const char *path, size_t n)
{
	const char *s = first_from(chosen, path, n, '\0');
	return s && strncmp(s, path, n) == 0 && s[n] == '\0';
}

enum vss_only_match
vss_only_match(const struct vss_strv *chosen, const char *path)
{
	size_t n = strlen(path);
	if (chosen->n == 0)
		return VSS_ONLY_INSIDE;
	if (n == 0)
		return VSS_ONLY_ABOVE;
	for (size_t i = 1; i <= n; i++)
		if ((path[i] == '/' || path[i] == '\0') && is_chosen(chosen, path, i))
			return VSS_ONLY_INSIDE;
	const char *below = first_from(chosen, path, n, '/');
	return below && strncmp(below, path, n) == 0 && below[n] == '/' ? VSS_ONLY_ABOVE : VSS_ONLY_OUTSIDE;
}
