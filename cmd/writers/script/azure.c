/* SPDX-License-Identifier: BSD-2-Clause */
#include "sources.h"

#include "base/mem.h"
#include "os/trust.h"
#include "json/read.h"

#include <errno.h>
#include <sys/stat.h>

#define FILE_MAX 65536
#define TRIES_MAX 10
#define TIMEOUT_S 30 /* where the file does not say */
#define TIMEOUT_MAX_S 60

/* The rule of its own reader: it names what root runs, and its parameters are often passwords. */
static int
check_private(const char *path, struct vss_err *err)
{
	struct stat st;

	if (vss_check_trust(path, err) != 0)
		return -1;
	if (stat(path, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return vss_fail(err, VSS_DENIED, 0, "%s: must not be open to anybody but its owner (mode 0600)", path);
	return 0;
}

static int
take_argv(
	const struct vss_json *doc, const char *location, const char *params, struct vss_strv *out, struct vss_err *err)
{
	const char *script = vss_json_str(doc, location);
	const struct vss_json *list = vss_json_get(doc, params);

	if (!script || !*script)
		return vss_fail(err, VSS_INVALID, 0, "%s: not given", location);
	vss_strv_add(out, script);
	for (size_t i = 0; i < vss_json_count(list); i++) {
		const char *word = vss_json_text(vss_json_at(list, i));

		if (!word)
			return vss_fail(err, VSS_INVALID, 0, "%s: element %zu is no text", params, i);
		vss_strv_add(out, word);
	}
	return 0;
}

/* A number up to `max`; *out stays as it is where the key is missing. */
static int
take_number(const struct vss_json *doc, const char *key, uint64_t max, unsigned *out, struct vss_err *err)
{
	uint64_t n;

	if (!vss_json_get(doc, key))
		return 0;
	if (vss_json_u64(doc, key, &n) != 0 || n > max)
		return vss_fail(err, VSS_INVALID, 0, "%s: not a number up to %llu", key, (unsigned long long)max);
	*out = (unsigned)n;
	return 0;
}

static int
take_document(struct pair *p, const struct vss_json *doc, struct vss_err *err)
{
	struct step *s = pair_add_step(p);
	const char *plugin = vss_json_str(doc, "pluginName");
	unsigned seconds = TIMEOUT_S, retries_before = 0, retries_after = 0;

	if (!plugin || !vss_str_caseeq(plugin, "ScriptRunner"))
		return vss_fail(
			err, VSS_INVALID, 0, "pluginName: %s, and not ScriptRunner", plugin ? plugin : "missing");
	if (take_argv(doc, "preScriptLocation", "preScriptParams", &s->freeze, err) != 0 ||
		take_argv(doc, "postScriptLocation", "postScriptParams", &s->thaw, err) != 0 ||
		take_number(doc, "preScriptNoOfRetries", TRIES_MAX, &retries_before, err) != 0 ||
		take_number(doc, "postScriptNoOfRetries", TRIES_MAX, &retries_after, err) != 0 ||
		take_number(doc, "timeoutInSeconds", TIMEOUT_MAX_S, &seconds, err) != 0)
		return -1;
	if (seconds == 0)
		return vss_fail(err, VSS_INVALID, 0, "timeoutInSeconds: nothing can be done in no time");
	s->freeze_tries = 1 + retries_before;
	s->thaw_tries = 1 + retries_after;
	p->timeout_ms = seconds * 1000;
	/* Its own default is to go on; ours is not to. */
	bool goes_on = true;
	(void)vss_json_bool(doc, "continueBackupOnFailure", &goes_on);
	p->goes_on = p->may_go_on && goes_on;
	return 0;
}

int
load_azure(struct pair *p, struct vss_err *err)
{
	if (check_private(p->from, err) != 0)
		return -1;
	struct vss_json *doc = vss_json_load(p->from, FILE_MAX, err);
	if (!doc)
		return -1;
	int result = take_document(p, doc, err);
	vss_json_free(doc);
	return result < 0 ? vss_wrap(err, "%s", p->from) : 0;
}
