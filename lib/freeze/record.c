/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/record.h"

#include "base/mem.h"
#include "base/str.h"
#include "os/durable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define HEAD "vss-freeze 1 "

void
vss_freeze_record_free(struct vss_freeze_record *r)
{
	for (size_t i = 0; i < r->nfs; i++) {
		free(r->fs[i].uuid);
		free(r->fs[i].fstype);
		free(r->fs[i].source);
	}
	for (size_t i = 0; i < r->ncgroups; i++)
		free(r->cgroups[i].path);
	free(r->fs);
	free(r->cgroups);
	free(r->boot);
	*r = (struct vss_freeze_record){ 0 };
}

char *
vss_freeze_boot_id(void)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	if (vss_read_file("/proc/sys/kernel/random/boot_id", 64, &text, &ignored) < 0)
		return vss_strdup("unknown");
	return vss_strndup(text.data, strcspn(text.data, "\n"));
}

/* --- out --- */

static void
put_word(struct vss_buf *out, const char *word)
{
	for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
		if (*p <= ' ' || *p == '\\' || *p == 127)
			vss_buf_fmt(out, "\\%03o", *p);
		else
			vss_buf_ch(out, (char)*p);
	}
}

void
vss_freeze_record_write(const struct vss_freeze_record *r, struct vss_buf *out)
{
	vss_buf_fmt(out, HEAD "%s\nboot %s\n", r->holding ? "holding" : "waiting", r->boot);
	for (size_t i = 0; i < r->nfs; i++) {
		const struct vss_freeze_fs *fs = &r->fs[i];
		vss_buf_fmt(out, "fs %u:%u %s ", major(fs->dev), minor(fs->dev), fs->uuid ? fs->uuid : "-");
		put_word(out, fs->fstype);
		vss_buf_ch(out, ' ');
		put_word(out, fs->source);
		vss_buf_ch(out, '\n');
	}
	for (size_t i = 0; i < r->ncgroups; i++) {
		vss_buf_fmt(out, "cgroup %c ", r->cgroups[i].before);
		put_word(out, r->cgroups[i].path);
		vss_buf_ch(out, '\n');
	}
	vss_buf_str(out, "end\n");
}

/* --- in --- */

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The next word of the line at *at, unescaped; NULL: there is none, or it is not written as we do. */
static char *
next_word(const char **at)
{
	VSS_AUTOBUF struct vss_buf word = VSS_BUF_INIT;
	const char *p = *at + (**at == ' ');
	for (; *p && *p != ' ' && *p != '\n'; p++) {
		if (*p != '\\') {
			vss_buf_ch(&word, *p);
			continue;
		}
		if (!is_octal(p[1]) || !is_octal(p[2]) || !is_octal(p[3]))
			return NULL;
		int c = (p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0';
		if (c == 0 || c > 255)
			return NULL;
		vss_buf_ch(&word, (char)c);
		p += 3;
	}
	*at = p;
	return word.len > 0 ? vss_buf_take(&word) : NULL;
}

static bool
parse_dev(const char *word, dev_t *out)
{
	unsigned ma, mi;
	int n = -1;
	if (!word || sscanf(word, "%9u:%9u%n", &ma, &mi, &n) != 2 || word[n])
		return false;
	*out = makedev(ma, mi);
	return true;
}

static bool
parse_fs(const char **at, struct vss_freeze_record *out)
{
	struct vss_freeze_fs *fs = &VSS_PUSH(out->fs, out->nfs, out->fs_cap);
	*fs = (struct vss_freeze_fs){ 0, NULL, NULL, NULL };
	VSS_AUTOFREE char *dev = next_word(at);
	fs->uuid = next_word(at);
	fs->fstype = next_word(at);
	fs->source = next_word(at);
	if (!fs->source || !parse_dev(dev, &fs->dev))
		return false;
	if (strcmp(fs->uuid, "-") == 0) {
		free(fs->uuid);
		fs->uuid = NULL;
	}
	return true;
}

static bool
parse_cgroup(const char **at, struct vss_freeze_record *out)
{
	VSS_AUTOFREE char *before = next_word(at);
	char *path = next_word(at);
	if (!path)
		return false;
	VSS_PUSH(out->cgroups, out->ncgroups, out->cgroup_cap) = (struct vss_freeze_slice){ *before, path };
	return (*before == '0' || *before == '1') && !before[1] && *path == '/';
}

static bool
parse_line(const char **at, struct vss_freeze_record *out, bool *end)
{
	VSS_AUTOFREE char *key = next_word(at);
	if (vss_str_eq(key, "fs"))
		return parse_fs(at, out);
	if (vss_str_eq(key, "cgroup"))
		return parse_cgroup(at, out);
	if (vss_str_eq(key, "boot") && !out->boot)
		return (out->boot = next_word(at)) != NULL;
	return *end = vss_str_eq(key, "end");
}

static bool
parse(const char *at, struct vss_freeze_record *out)
{
	bool end = false;
	if (!vss_str_starts(at, HEAD))
		return false;
	at += strlen(HEAD);
	out->holding = vss_str_starts(at, "holding\n");
	if (!out->holding && !vss_str_starts(at, "waiting\n"))
		return false;
	for (at += strlen("holding\n"); *at && !end; at++)
		if (!parse_line(&at, out, &end) || *at != '\n')
			return false;
	return end && !*at && out->boot;
}

int
vss_freeze_record_parse(const char *text, struct vss_freeze_record *out, struct vss_err *err)
{
	*out = (struct vss_freeze_record){ 0 };
	if (parse(text, out))
		return 0;
	vss_freeze_record_free(out);
	return vss_fail(err, VSS_CORRUPT, 0, "not a record of a freezer");
}
