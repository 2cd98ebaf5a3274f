/* SPDX-License-Identifier: BSD-2-Clause */
#include "container.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TIMEOUT_S 20
#define TIMEOUT_MAX_S 60

static void
container_clear(struct container *c)
{
	for (size_t i = 0; i < c->nmounts; i++) {
		free(c->mounts[i].dir);
		free(c->mounts[i].spec);
	}
	free(c->mounts);
	vss_strv_free(&c->freeze);
	vss_strv_free(&c->thaw);
	free(c->name);
	free(c->id);
}

void
containers_clear(struct containers *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		container_clear(&cs->v[i]);
	free(cs->v);
	*cs = (struct containers){ NULL, 0, 0 };
}

void
container_take_state(struct container *c, const struct vss_json *v)
{
	const struct vss_json *state = vss_json_get(v, "State");
	const char *word = vss_json_str(state, "Status");
	int64_t status = 0;

	c->state = STOPPED;
	if (vss_str_eq(word, "paused"))
		c->state = PAUSED;
	else if (!vss_str_eq(word, "created") && !vss_str_eq(word, "configured") && !vss_str_eq(word, "exited") &&
		 !vss_str_eq(word, "stopped") && !vss_str_eq(word, "dead") && !vss_str_eq(word, "initialized"))
		c->state = RUNNING; /* and whatever else it may be called */
	(void)vss_json_i64(state, "ExitCode", &status);
	c->status = (long)status;
}

/* --- labels --- */

static int
take_array(const char *text, struct vss_strv *out, struct vss_err *err)
{
	struct vss_json *list = vss_json_parse(text, strlen(text), err);
	int result = list && vss_json_count(list) > 0 ? 0 : -1;

	for (size_t i = 0; result == 0 && i < vss_json_count(list); i++) {
		const char *word = vss_json_text(vss_json_at(list, i));
		if (!word)
			result = -1;
		else
			vss_strv_add(out, word);
	}
	vss_json_free(list);
	return result < 0 ? vss_fail(err, VSS_INVALID, 0, "not an array of words") : 0;
}

/* Words with blanks between, or a JSON array of them; no shell is asked. */
static int
take_words(const char *text, struct vss_strv *out, struct vss_err *err)
{
	text += strspn(text, " \t\n");
	if (*text == '[')
		return take_array(text, out, err);
	while (*text) {
		size_t n = strcspn(text, " \t\n");
		vss_strv_take(out, vss_strndup(text, n));
		text += n + strspn(text + n, " \t\n");
	}
	return out->n ? 0 : vss_fail(err, VSS_INVALID, 0, "empty");
}

static int
take_command(const struct vss_json *labels, const char *key, struct vss_strv *out, struct vss_err *err)
{
	const char *text = vss_json_str(labels, key);

	if (!text || take_words(text, out, err) == 0)
		return 0;
	return vss_wrap(err, "%s", key);
}

static int
take_mode(struct container *c, const struct vss_json *labels, struct vss_err *err)
{
	const char *mode = vss_json_str(labels, "vss.mode");

	if (mode && strcmp(mode, "cgroup") != 0 && strcmp(mode, "exec") != 0)
		return vss_fail(err, VSS_INVALID, 0, "vss.mode: neither exec nor cgroup");
	c->pause = mode && strcmp(mode, "cgroup") == 0;
	if (!c->freeze.n != !c->thaw.n || (!c->pause && !c->freeze.n))
		return vss_fail(err, VSS_INVALID, 0, "vss.freeze and vss.thaw: both, or vss.mode=cgroup");
	return 0;
}

/* A container that only stands still has whatever lay in its memory still there: that is no more than its log is worth. */
static int
take_hold(struct container *c, const struct vss_json *labels, struct vss_err *err)
{
	const char *word = vss_json_str(labels, "vss.hold");

	if (!word || strcmp(word, "none") == 0)
		c->hold = HOLD_NONE;
	else if (strcmp(word, "log") == 0)
		c->hold = HOLD_LOG;
	else if (strcmp(word, "files") == 0 && c->freeze.n)
		c->hold = HOLD_FILES;
	else
		return vss_fail(err, VSS_INVALID, 0, "vss.hold: log, none or, with vss.freeze, files");
	return 0;
}

static int
take_timeout(struct container *c, const struct vss_json *labels, struct vss_err *err)
{
	const char *word = vss_json_str(labels, "vss.timeout");
	uint64_t s = TIMEOUT_S;

	if (word && (vss_parse_u64(word, &s) != 0 || s == 0 || s > TIMEOUT_MAX_S))
		return vss_fail(
			err, VSS_INVALID, 0, "vss.timeout: not a number of seconds from 1 to %d", TIMEOUT_MAX_S);
	c->timeout_ms = (unsigned)s * 1000;
	return 0;
}

static int
take_labels(struct container *c, const struct vss_json *labels, struct vss_err *err)
{
	if (take_command(labels, "vss.freeze", &c->freeze, err) != 0 ||
		take_command(labels, "vss.thaw", &c->thaw, err) != 0 || take_mode(c, labels, err) != 0 ||
		take_hold(c, labels, err) != 0)
		return -1;
	return take_timeout(c, labels, err);
}

/* --- mounts --- */

/* Sockets and devices are no content; a source that is gone is taken for a directory. */
static int
add_mount(struct container *c, const char *source, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_clean(source, "/");
	struct stat st;

	if (strcmp(path, "/") == 0)
		return vss_fail(err, VSS_INVALID, 0, "mounts the whole machine: name its own with vss.volumes");
	if (strpbrk(path, "*?\\"))
		return vss_fail(err, VSS_INVALID, 0, "%s: a wildcard or backslash in the path", path);
	if (stat(path, &st) != 0 || S_ISDIR(st.st_mode))
		VSS_PUSH(c->mounts, c->nmounts, c->cmounts) = (struct mount){ vss_take(&path), vss_strdup("*") };
	else if (S_ISREG(st.st_mode))
		VSS_PUSH(c->mounts, c->nmounts, c->cmounts) =
			(struct mount){ vss_path_dir(path), vss_strdup(vss_path_base(path)) };
	return 0;
}

/* What it cannot write is not its own. */
static int
take_mount(struct container *c, const struct vss_json *m, const struct vss_strv *wanted, struct vss_err *err)
{
	const char *type = vss_json_str(m, "Type"), *source = vss_json_str(m, "Source");
	const char *destination = vss_json_str(m, "Destination");
	bool writable = false;

	(void)vss_json_bool(m, "RW", &writable);
	if (!source || *source != '/' || !destination || (!vss_str_eq(type, "bind") && !vss_str_eq(type, "volume")))
		return 0;
	if (wanted->n ? !vss_strv_has(wanted, destination) : !writable)
		return 0;
	return add_mount(c, source, err);
}

static int
take_mounts(struct container *c, const struct vss_json *v, const struct vss_json *labels, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv wanted = VSS_STRV_INIT;
	const struct vss_json *list = vss_json_get(v, "Mounts");

	if (take_command(labels, "vss.volumes", &wanted, err) != 0)
		return -1;
	for (size_t i = 0; i < vss_json_count(list); i++)
		if (take_mount(c, vss_json_at(list, i), &wanted, err) != 0)
			return -1;
	if (c->nmounts < wanted.n)
		return vss_fail(err, VSS_INVALID, 0, "vss.volumes names something that is not mounted in it");
	return 0;
}

/* --- all --- */

static int
take(struct container *c, const struct vss_json *v, struct vss_err *err)
{
	const struct vss_json *labels = vss_json_get(vss_json_get(v, "Config"), "Labels");
	const char *id = vss_json_str(v, "Id"), *name = vss_json_str(v, "Name");

	if (!id || !name)
		return vss_fail(err, VSS_INVALID, 0, "a container without an ID or a name");
	c->id = vss_strdup(id);
	c->name = vss_strdup(name + (*name == '/')); /* Docker's way to write it */
	container_take_state(c, v);
	if (take_labels(c, labels, err) == 0 && take_mounts(c, v, labels, err) == 0)
		return 0;
	return vss_wrap(err, "container %s", c->name);
}

int
containers_take(struct containers *cs, const struct engine *e, const struct vss_json *list, struct vss_err *err)
{
	for (size_t i = 0; i < vss_json_count(list); i++) {
		struct container *c = &VSS_PUSH(cs->v, cs->n, cs->cap);

		*c = (struct container){ .engine = e };
		if (take(c, vss_json_at(list, i), err) != 0)
			return -1;
	}
	return 0;
}
