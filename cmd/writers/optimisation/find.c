/* SPDX-License-Identifier: BSD-2-Clause */
#include "find.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HOME_DEPTH 3 /* of a search for tagged directories in a home that nobody configured */
#define PROC_MAX 65536

void
finds_clear(struct finds *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].dir);
		free(f->v[i].spec);
	}
	free(f->v);
	*f = (struct finds){ NULL, 0, 0 };
}

/* All of it is to be kept, or something to be kept would go with it. */
static bool
is_kept(const struct config *c, const char *dir, bool recursive)
{
	for (size_t i = 0; i < c->keep.n; i++)
		if (vss_path_is_below(dir, c->keep.v[i]) || (recursive && vss_path_is_below(c->keep.v[i], dir)))
			return true;
	return false;
}

void
find_add(struct finds *out, const struct config *c, const char *dir, const char *spec, bool recursive)
{
	/* The protocol cannot name it; it is kept. */
	if (strpbrk(dir, "*?\\") || strpbrk(spec, "/\\") || is_kept(c, dir, recursive))
		return;
	VSS_PUSH(out->v, out->n, out->cap) = (struct config_exclude){ vss_strdup(dir), vss_strdup(spec), recursive };
}

/* --- homes --- */

static bool
is_directory(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
look_at_home(const struct config *c, const char *home, struct finds *out)
{
	VSS_AUTOFREE char *clean = vss_path_clean(home, "/");
	VSS_AUTOFREE char *cache = vss_path_join(clean, ".cache");

	if (strcmp(clean, "/") == 0 || !is_directory(clean))
		return;
	if (is_directory(cache))
		find_add(out, c, cache, "*", true);
	/* Those of daemons are not searched: /var/lib/mysql is no place to find caches in. */
	if (vss_path_is_below(clean, "/home") || strcmp(clean, "/root") == 0)
		find_tagged(c, &(struct config_root){ clean, HOME_DEPTH }, out);
}

/* Of this machine's own users: a directory service may take its time, and list-writers does not. */
static void
look_at_homes(const struct config *c, struct finds *out)
{
	FILE *f = fopen("/etc/passwd", "re");

	if (!f)
		return;
	for (const struct passwd *p; (p = fgetpwent(f));)
		if (p->pw_dir && *p->pw_dir == '/')
			look_at_home(c, p->pw_dir, out);
	fclose(f);
}

/* --- core dumps and swap --- */

/* Empty when it cannot be read; the caller frees it. */
static char *
read_proc(const char *path)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct vss_buf text = VSS_BUF_INIT;

	(void)vss_read_file(path, PROC_MAX, &text, &ignored);
	return vss_buf_take(&text);
}

/* %e, %p and so on become wildcards. */
static char *
spec_of_pattern(const char *name)
{
	struct vss_buf spec = VSS_BUF_INIT;

	for (; *name; name++) {
		if (*name != '%') {
			vss_buf_ch(&spec, *name);
			continue;
		}
		if (!*++name)
			break;
		vss_buf_ch(&spec, *name == '%' ? '%' : '*');
	}
	return vss_buf_take(&spec);
}

/* A relative pattern puts cores wherever a program stands, and a pipe hands them to systemd or another. */
static void
look_at_core_pattern(const struct config *c, struct finds *out)
{
	VSS_AUTOFREE char *pattern = read_proc("/proc/sys/kernel/core_pattern");

	pattern[strcspn(pattern, "\n")] = '\0';
	if (*pattern != '/')
		return;
	VSS_AUTOFREE char *dir = vss_path_dir(pattern);
	VSS_AUTOFREE char *spec = spec_of_pattern(vss_path_base(pattern));
	/* A name of nothing but wildcards is no name: in /tmp it would be everything. */
	if (!strchr(dir, '%') && strspn(spec, "*.") < strlen(spec))
		find_add(out, c, dir, spec, false);
}

/* A blank in a path is \040 there. */
static char *
unescaped(const char *s)
{
	struct vss_buf out = VSS_BUF_INIT;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (*s == '\\' && strspn(s + 1, "01234567") >= 3) {
			c = (unsigned char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		}
		vss_buf_add(&out, &c, 1);
	}
	return vss_buf_take(&out);
}

static void
look_at_swap(const struct config *c, struct finds *out)
{
	VSS_AUTOFREE char *text = read_proc("/proc/swaps");
	char *next = text;

	for (char *line; (line = strsep(&next, "\n"));) {
		char *type = line + strcspn(line, " \t");
		size_t n = (size_t)(type - line);

		type += strspn(type, " \t");
		if (*line != '/' || !vss_str_starts(type, "file"))
			continue;
		line[n] = '\0';
		VSS_AUTOFREE char *path = unescaped(line);
		VSS_AUTOFREE char *dir = vss_path_dir(path);
		if (!strpbrk(vss_path_base(path), "*?"))
			find_add(out, c, dir, vss_path_base(path), false);
	}
}

/* --- all --- */

static void
find_built_in(const struct config *c, struct finds *out)
{
	static const char *const dirs[] = { "/tmp", "/var/tmp", "/var/cache", "/var/crash",
		"/var/lib/systemd/coredump" };

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		find_add(out, c, dirs[i], "*", true);
	look_at_core_pattern(c, out);
	look_at_swap(c, out);
	look_at_homes(c, out);
}

static int
by_place(const void *a, const void *b)
{
	const struct config_exclude *x = a, *y = b;
	int order = strcmp(x->dir, y->dir);

	return order ? order : strcmp(x->spec, y->spec);
}

/* The same place twice, or one within another of which all is left out: said once. */
static void
drop_covered(struct finds *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		bool covered = false;
		for (size_t j = 0; j < kept && !covered; j++) {
			const struct config_exclude *k = &f->v[j];
			covered =
				(k->recursive && strcmp(k->spec, "*") == 0 && vss_path_is_below(f->v[i].dir, k->dir)) ||
				(by_place(k, &f->v[i]) == 0 && k->recursive == f->v[i].recursive);
		}
		if (covered) {
			free(f->v[i].dir);
			free(f->v[i].spec);
		} else {
			f->v[kept++] = f->v[i];
		}
	}
	f->n = kept;
}

void
find_all(const struct config *c, struct finds *out)
{
	if (c->built_in)
		find_built_in(c, out);
	for (size_t i = 0; i < c->ntagged; i++)
		find_tagged(c, &c->tagged[i], out);
	for (size_t i = 0; i < c->nexcludes; i++)
		find_add(out, c, c->excludes[i].dir, c->excludes[i].spec, c->excludes[i].recursive);
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, by_place);
	drop_covered(out);
}
