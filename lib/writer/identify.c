/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

/* What the statements so far have come to. */
struct reading {
	struct vss_metadata *m;
	struct host_known known;
};
typedef int identify_statement(struct reading *r, const struct vss_line *l, struct vss_err *err);

static const char *
word(const struct vss_line *l, size_t i)
{
	return vss_line_word(l, i); /* the table of statements says how many there are */
}

/* A value of a vocabulary; `find` gives -1 for a word that is not in it. */
static int
choose(const char *value, const char *what, int (*find)(const char *), struct vss_err *err)
{
	int n = find(value);

	return n >= 0 ? n : vss_fail(err, VSS_PROTOCOL, 0, "%s: not a known %s", value, what);
}

/* yes or no and nothing else: `recursive=ja` that counts for no would leave files out. */
static int
flag(const struct vss_line *l, const char *key, bool otherwise, bool *out, struct vss_err *err)
{
	const char *text = vss_line_get(l, key);

	*out = vss_line_flag(l, key, otherwise);
	if (text && vss_line_flag(l, key, true) != vss_line_flag(l, key, false))
		return vss_fail(err, VSS_PROTOCOL, 0, "%s=%s: neither yes nor no", key, text);
	return 0;
}

static int
set_writer(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	struct vss_metadata *m = r->m;
	const char *usage = vss_line_get(l, "usage"), *source = vss_line_get(l, "source");

	if (m->name)
		return vss_fail(err, VSS_PROTOCOL, 0, "stands twice");
	if (vss_uuid_parse(word(l, 1), &m->writer_id) != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: not a UUID", word(l, 1));
	vss_uuid_random(&m->instance_id); /* the host knows a better one */
	m->name = vss_strdup(word(l, 2));
	m->instance_name = vss_strdup(vss_line_get(l, "instance"));
	m->version = vss_strdup(vss_line_get(l, "version"));
	int u = usage ? choose(usage, "usage", vss_usage_by_word, err) : VSS_UT_OTHER;
	int s = source ? choose(source, "source", vss_source_by_word, err) : VSS_ST_OTHER;
	if (u < 0 || s < 0)
		return -1;
	m->usage = (enum vss_usage)u;
	m->source = (enum vss_source)s;
	return 0;
}

static int
set_restore_method(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	struct vss_metadata *m = r->m;
	const char *restore = vss_line_get(l, "writer-restore");
	int method = choose(word(l, 1), "restore method", vss_restore_method_by_word, err);
	int part = restore ? choose(restore, "writer-restore", vss_writer_restore_by_word, err) : VSS_WRE_NEVER;

	if (method < 0 || part < 0)
		return -1;
	if (m->method != VSS_RME_UNDEFINED)
		return vss_fail(err, VSS_PROTOCOL, 0, "stands twice");
	m->method = (enum vss_restore_method)method;
	m->writer_restore = (enum vss_writer_restore)part;
	m->service = vss_strdup(vss_line_get(l, "service"));
	return flag(l, "reboot", false, &m->reboot, err);
}

static int
set_schema(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	struct vss_metadata *m = r->m;
	for (size_t i = 1; i < l->nwords; i++) {
		uint32_t flag = vss_schema_flag_by_word(l->words[i]);

		if (!flag && strcmp(l->words[i], "full") != 0)
			return vss_fail(err, VSS_PROTOCOL, 0, "%s: not a known flag", l->words[i]);
		m->schema |= flag;
	}
	return 0;
}

/* backup-recovery,app-rollback-recovery,not-system-state, or a number */
static int
component_flags(const char *text, uint32_t *out, struct vss_err *err)
{
	static const struct {
		const char *word;
		uint32_t flag;
	} known[] = {
		{ "backup-recovery", VSS_CF_BACKUP_RECOVERY },
		{ "app-rollback-recovery", VSS_CF_APP_ROLLBACK_RECOVERY },
		{ "not-system-state", VSS_CF_NOT_SYSTEM_STATE },
	};

	while (*text) {
		size_t n = strcspn(text, ","), i = 0;

		while (i < sizeof known / sizeof *known &&
			(strlen(known[i].word) != n || strncmp(known[i].word, text, n) != 0))
			i++;
		if (i == sizeof known / sizeof *known)
			return vss_fail(err, VSS_PROTOCOL, 0, "flags=%s: not known", text);
		*out |= known[i].flag;
		text += n + (text[n] == ',');
	}
	return 0;
}

static int
add_component(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	const char *flags = vss_line_get(l, "flags");
	int type = choose(word(l, 1), "component type", vss_component_type_by_word, err);

	if (type < 0)
		return -1;
	struct vss_component *c =
		vss_metadata_add_component(r->m, (enum vss_component_type)type, word(l, 2), word(l, 3), err);
	if (!c)
		return -1;
	host_known_add(&r->known, c->logical_path, c->name, r->m->ncomponents - 1);
	c->caption = vss_strdup(vss_line_get(l, "caption"));
	if (flag(l, "selectable", true, &c->selectable, err) != 0 ||
		flag(l, "selectable-for-restore", false, &c->selectable_for_restore, err) != 0 ||
		flag(l, "notify", false, &c->notify, err) != 0 ||
		flag(l, "restore-metadata", false, &c->restore_metadata, err) != 0)
		return -1;
	return flags ? component_flags(flags, &c->flags, err) : 0;
}

static struct vss_component *
find_component(const struct reading *r, const char *path, const char *name, struct vss_err *err)
{
	size_t at;

	if (host_known_find(&r->known, path, name, &at))
		return &r->m->components[at];
	vss_fail(err, VSS_PROTOCOL, 0, "%s/%s: no such component was named before", path, name);
	return NULL;
}

static int
file_mask(const char *text, uint32_t *out, struct vss_err *err)
{
	uint64_t n;

	if (vss_parse_u64(text, &n) != 0 || n > UINT32_MAX)
		return vss_fail(err, VSS_PROTOCOL, 0, "mask=%s: not a decimal number of 32 bits", text);
	*out = (uint32_t)n;
	return 0;
}

static int
add_files(struct reading *r, const struct vss_line *l, enum vss_fileset_kind kind, struct vss_err *err)
{
	const char *mask = vss_line_get(l, "mask"), *alternate = vss_line_get(l, "alternate");
	struct vss_component *c = find_component(r, word(l, 1), word(l, 2), err);
	bool recursive;

	if (!c || flag(l, "recursive", false, &recursive, err) != 0)
		return -1;
	VSS_AUTOFREE char *dir = host_directory(word(l, 3), err);
	VSS_AUTOFREE char *other = dir && alternate ? host_directory(alternate, err) : NULL;
	if (!dir || (alternate && !other))
		return -1;
	struct vss_fileset *f = vss_component_add_files(c, kind, dir, word(l, 4), recursive);
	f->alternate = vss_strdup(other);
	return mask ? file_mask(mask, &f->mask, err) : 0;
}

static int
add_file(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	return add_files(r, l, VSS_FILES, err);
}

static int
add_database_file(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	return add_files(r, l, VSS_DATABASE_FILES, err);
}

static int
add_log_file(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	return add_files(r, l, VSS_DATABASE_LOGS, err);
}

static int
add_dependency(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	struct vss_component *c = find_component(r, word(l, 1), word(l, 2), err);
	struct vss_uuid writer;

	if (!c)
		return -1;
	if (vss_uuid_parse(word(l, 3), &writer) != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: not a UUID", word(l, 3));
	vss_component_add_dependency(c, &writer, word(l, 4), word(l, 5));
	return 0;
}

static int
add_exclude(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = host_directory(word(l, 1), err);
	bool recursive;

	if (!dir || flag(l, "recursive", false, &recursive, err) != 0)
		return -1;
	vss_metadata_add_exclude(r->m, dir, word(l, 2), recursive);
	return 0;
}

static int
add_snapshot_exclude(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = host_directory(word(l, 1), err);
	bool recursive;

	if (!dir || flag(l, "recursive", false, &recursive, err) != 0)
		return -1;
	vss_metadata_add_snapshot_exclude(r->m, dir, word(l, 2), recursive);
	return 0;
}

static int
add_location(struct reading *r, const struct vss_line *l, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = host_directory(word(l, 1), err);
	VSS_AUTOFREE char *to = dir ? host_directory(word(l, 3), err) : NULL;
	bool recursive;

	if (!to || flag(l, "recursive", false, &recursive, err) != 0)
		return -1;
	vss_metadata_add_location(r->m, dir, word(l, 2), recursive, to);
	return 0;
}

#define AT(e) (1u << VSS_EVENT_##e)
/* When a writer may edit the components document (W26, W32, Q5). */
#define OPEN_DOCUMENT (AT(PREPARE_BACKUP) | AT(POST_SNAPSHOT))
#define RESTORE (AT(PRE_RESTORE) | AT(POST_RESTORE))

static const struct statement {
	const char *word;
	unsigned min, max; /* words behind it */
	unsigned events;   /* where it may stand */
	identify_statement *apply;
} statements[] = {
	{ "writer", 2, 2, AT(IDENTIFY), set_writer },
	{ "restore-method", 1, 1, AT(IDENTIFY), set_restore_method },
	{ "backup-schema", 0, 32, AT(IDENTIFY), set_schema },
	{ "component", 3, 3, AT(IDENTIFY), add_component },
	{ "file", 4, 4, AT(IDENTIFY), add_file },
	{ "database-file", 4, 4, AT(IDENTIFY), add_database_file },
	{ "log-file", 4, 4, AT(IDENTIFY), add_log_file },
	{ "dependency", 5, 5, AT(IDENTIFY), add_dependency },
	{ "exclude", 2, 2, AT(IDENTIFY), add_exclude },
	{ "exclude-from-snapshot", 2, 2, AT(IDENTIFY), add_snapshot_exclude },
	{ "alternate-location", 3, 3, AT(IDENTIFY), add_location },
	{ "backup-metadata", 3, 3, OPEN_DOCUMENT, NULL },
	{ "backup-stamp", 3, 3, OPEN_DOCUMENT, NULL },
	{ "partial-file", 4, 4, OPEN_DOCUMENT, NULL },
	{ "differenced-file", 4, 4, OPEN_DOCUMENT, NULL },
	{ "component-failure", 3, 4, OPEN_DOCUMENT | RESTORE, NULL },
	{ "failure-message", 3, 3, OPEN_DOCUMENT | RESTORE, NULL },
	{ "restore-metadata", 3, 3, AT(PRE_RESTORE), NULL },
	{ "restore-target", 3, 3, AT(PRE_RESTORE), NULL },
	{ "directed-target", 8, 8, AT(PRE_RESTORE), NULL },
	{ "evidence", 2, 2, ~(AT(IDENTIFY) | AT(HELLO) | AT(BYE)), NULL },
};

static const struct statement *
find_statement(const char *name)
{
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (strcmp(statements[i].word, name) == 0)
			return &statements[i];
	return NULL;
}

/* A component that comes too late is named. */
static int
misplaced(const struct vss_line *l, enum vss_event during, struct vss_err *err)
{
	const char *name = vss_line_word(l, 0);
	bool component = strcmp(name, "component") == 0 && l->nwords > 3;
	VSS_AUTOFREE char *full = component ? vss_logical_full(word(l, 2), word(l, 3), '/') : NULL;

	return vss_fail(err, VSS_PROTOCOL, 0, "%s: not allowed at %s%s%s", name, vss_event_word(during),
		full ? ": " : "", full ? full : "");
}

int
host_check_statement(const struct vss_line *l, enum vss_event during, const struct vss_metadata *m, struct vss_err *err)
{
	const char *name = vss_line_word(l, 0);
	const struct statement *s = find_statement(name);

	if (!s)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: not a statement", name);
	if (!(s->events & (1u << during)))
		return misplaced(l, during, err);
	if (l->nwords - 1 < s->min || l->nwords - 1 > s->max)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: has %zu words behind it", name, l->nwords - 1);
	return host_check_values(l, m, err);
}

static int
read_statements(struct reading *r, const struct vss_line *lines, size_t n, struct vss_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = vss_line_word(&lines[i], 0);

		if (find_statement(name)->apply(r, &lines[i], err) != 0)
			return vss_wrap(err, "%s", name);
	}
	return vss_metadata_check(r->m, err);
}

struct vss_metadata *
host_metadata(const struct vss_line *lines, size_t n, struct vss_err *err)
{
	struct reading r = { vss_metadata_new(), { NULL } };
	int rc = read_statements(&r, lines, n, err);

	host_known_free(&r.known);
	if (rc == 0)
		return r.m;
	vss_metadata_free(r.m);
	return NULL;
}
