/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/fake_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The value of the next word KEY=VALUE from *at on, of its own; NULL at the end. */
static char *
next_value(const char **at, const char *key)
{
	size_t k = strlen(key);

	while (**at) {
		const char *word = *at;
		size_t n = strcspn(word, ",");
		*at += n + (word[n] == ',');
		if (n > k && strncmp(word, key, k) == 0 && word[k] == '=')
			return vss_strndup(word + k + 1, n - k - 1);
	}
	return NULL;
}

static const char *
faults(void)
{
	const char *given = secure_getenv("VSS_FAKE_FAULTS");
	return given ? given : "";
}

static int
fail(const char *phase, const char *word, struct vss_err *err)
{
	enum vss_code code = *word == ':' ? vss_code_by_name(word + 1) : VSS_E_PROVIDER_VETO;
	if (code == VSS_OK)
		return vss_fail(err, VSS_USAGE, 0, "VSS_FAKE_FAULTS: %s: no such VSS code", word);
	return vss_fail(err, code, 0, "fake provider: %s: it was told to fail", phase);
}

/*
 * Opening a FIFO for reading waits for a writer in the kernel, where nothing but that writer or a
 * signal reaches it.
 */
static int
stall(const char *word, struct vss_err *err)
{
	if (*word != ':')
		for (;;)
			pause();
	int fd;
	do
		fd = open(word + 1, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "VSS_FAKE_FAULTS: %s", word + 1);
	close(fd);
	return 0;
}

int
vss_fake_fault(const char *phase, struct vss_err *err)
{
	const char *at = faults();

	for (;;) {
		VSS_AUTOFREE char *value = next_value(&at, phase);
		if (!value)
			return 0;
		size_t n = strcspn(value, ":");
		if (n == strlen("fail") && vss_str_starts(value, "fail"))
			return fail(phase, value + n, err);
		if (n == strlen("stall") && vss_str_starts(value, "stall") && stall(value + n, err))
			return -1;
	}
}

bool
vss_fake_asked(const char *key, const char *value)
{
	const char *at = faults();

	for (;;) {
		VSS_AUTOFREE char *got = next_value(&at, key);
		if (!got)
			return false;
		if (strcmp(got, value) == 0)
			return true;
	}
}

enum vss_instant
vss_fake_instant(void)
{
	if (vss_fake_asked("instant", "many"))
		return VSS_INSTANT_MANY;
	return vss_fake_asked("instant", "fuzzy") ? VSS_INSTANT_FUZZY : VSS_INSTANT_ONE;
}
