/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdk/vss-writer.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#include <string.h>

static void
say_about(struct vss_sdk *w, const char *statement, const char *logical_path, const char *name)
{
	vss_sdk_say(w, statement);
	vss_sdk_word(w, logical_path ? logical_path : "");
	vss_sdk_word(w, name);
}

static void
say_text(struct vss_sdk *w, const char *statement, const char *logical_path, const char *name, const char *text)
{
	say_about(w, statement, logical_path, name);
	vss_sdk_word(w, text);
	vss_sdk_said(w);
}

void
vss_sdk_backup_schema(struct vss_sdk *w, const char *words)
{
	VSS_AUTOFREE char *copy = vss_strdup(words);
	char *next = copy;

	vss_sdk_say(w, "backup-schema");
	for (const char *word; (word = strsep(&next, " "));)
		if (*word)
			vss_sdk_word(w, word);
	vss_sdk_said(w);
}

void
vss_sdk_exclude_from_snapshot(struct vss_sdk *w, const char *dir, const char *spec, int recursive)
{
	vss_sdk_say(w, "exclude-from-snapshot");
	vss_sdk_word(w, dir);
	vss_sdk_word(w, spec);
	vss_sdk_pair(w, "recursive", recursive ? "yes" : NULL);
	vss_sdk_said(w);
}

void
vss_sdk_alternate_location(struct vss_sdk *w, const char *dir, const char *spec, int recursive, const char *to)
{
	vss_sdk_say(w, "alternate-location");
	vss_sdk_word(w, dir);
	vss_sdk_word(w, spec);
	vss_sdk_word(w, to);
	vss_sdk_pair(w, "recursive", recursive ? "yes" : NULL);
	vss_sdk_said(w);
}

void
vss_sdk_backup_metadata(struct vss_sdk *w, const char *logical_path, const char *name, const char *text)
{
	say_text(w, "backup-metadata", logical_path, name, text);
}

void
vss_sdk_backup_stamp(struct vss_sdk *w, const char *logical_path, const char *name, const char *text)
{
	say_text(w, "backup-stamp", logical_path, name, text);
}

void
vss_sdk_restore_metadata(struct vss_sdk *w, const char *logical_path, const char *name, const char *text)
{
	say_text(w, "restore-metadata", logical_path, name, text);
}

void
vss_sdk_restore_target(struct vss_sdk *w, const char *logical_path, const char *name, const char *target)
{
	say_text(w, "restore-target", logical_path, name, target);
}

void
vss_sdk_component_failure(
	struct vss_sdk *w, const char *logical_path, const char *name, const char *code, const char *message)
{
	say_about(w, "component-failure", logical_path, name);
	vss_sdk_word(w, code);
	vss_sdk_word(w, message);
	vss_sdk_said(w);
}

void
vss_sdk_partial_file(struct vss_sdk *w, const struct vss_sdk_partial_file *f)
{
	say_about(w, "partial-file", f->logical_path, f->name);
	vss_sdk_word(w, f->dir);
	vss_sdk_word(w, f->file);
	vss_sdk_pair(w, "ranges", f->ranges);
	vss_sdk_pair(w, "metadata", f->metadata);
	vss_sdk_said(w);
}

void
vss_sdk_differenced_files(struct vss_sdk *w, const struct vss_sdk_differenced_files *f)
{
	VSS_AUTOFREE char *since = vss_strf("%lld.%09lld", f->since_ns / VSS_S, f->since_ns % VSS_S);

	say_about(w, "differenced-file", f->logical_path, f->name);
	vss_sdk_word(w, f->dir);
	vss_sdk_word(w, f->spec);
	vss_sdk_pair(w, "recursive", f->recursive ? "yes" : NULL);
	vss_sdk_pair(w, "since", f->since_ns ? since : NULL);
	vss_sdk_said(w);
}

void
vss_sdk_directed_target(struct vss_sdk *w, const struct vss_sdk_directed_target *t)
{
	say_about(w, "directed-target", t->logical_path, t->name);
	vss_sdk_word(w, t->dir);
	vss_sdk_word(w, t->file);
	vss_sdk_word(w, t->ranges);
	vss_sdk_word(w, t->to_dir);
	vss_sdk_word(w, t->to_file);
	vss_sdk_word(w, t->to_ranges);
	vss_sdk_said(w);
}
