/* SPDX-License-Identifier: BSD-2-Clause */
#include "program.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/child.h"
#include "os/durable.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_MS = 1000, SAID_BYTES = 4096 };

/* The end of what it said on its standard error, as one line. */
static char *
last_words(int fd)
{
	char text[SAID_BYTES + 1] = "";
	struct stat st;
	off_t from = fstat(fd, &st) == 0 && st.st_size > SAID_BYTES ? st.st_size - SAID_BYTES : 0;
	ssize_t n = pread(fd, text, SAID_BYTES, from);

	while (n > 0 && strchr("\n\r\t ", text[n - 1]))
		n--;
	text[n > 0 ? n : 0] = '\0';
	const char *line = strrchr(text, '\n');
	return vss_escaped(line ? line + 1 : text);
}

/* Behind setpriv it is another word that names the program. */
static const char *
name_of(const char *const *argv)
{
	const char *name = argv[0];

	for (; *argv; argv++)
		if (strstr(*argv, "/pg_"))
			name = *argv;
	return vss_path_base(name);
}

static int
judge(const char *name, int status, const char *said, struct vss_err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (vss_str_starts(said, name)) /* it names itself */
		return vss_fail(err, VSS_SYSTEM, 0, "%s", said);
	return vss_fail(err, VSS_SYSTEM, 0, "%s: %s", name, *said ? said : "failed without a word");
}

int
program_run(const char *const *argv, int out, int64_t deadline, char **said, struct vss_err *err)
{
	VSS_AUTOCLOSE int errors = vss_unlinked_file(-1, err);
	struct vss_child child = VSS_CHILD_NONE;
	const struct vss_child_spec spec = { .argv = argv, .search_path = true, .in = -1, .out = out, .errfd = errors };
	int status = 0;

	if (errors < 0 || vss_child_spawn(&spec, &child, err) != 0)
		return -1;
	int ended = vss_child_wait(&child, deadline, &status, err);
	if (ended <= 0)
		vss_child_end(&child, GRACE_MS);
	if (ended == 0)
		vss_fail(err, VSS_TIMEOUT, 0, "%s: did not end in time", name_of(argv));
	VSS_AUTOFREE char *words = ended > 0 ? last_words(errors) : NULL;
	if (ended <= 0 || judge(name_of(argv), status, words, err) != 0)
		return -1;
	if (said)
		*said = vss_take(&words);
	return 0;
}
