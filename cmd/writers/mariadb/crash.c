/* SPDX-License-Identifier: BSD-2-Clause */
#include "instance.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INDEX_BYTES = 1 << 20, FLAGS_AT = 21, IN_USE = 1 };

/* The last line of the list of binary logs. */
static char *
last_log(const char *index, const char *datadir)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_read_file(index, INDEX_BYTES, &text, &err) != 0)
		return NULL;
	while (text.len > 0 && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	if (text.len == 0)
		return NULL;
	const char *newline = strrchr(text.data, '\n');
	return vss_path_clean(newline ? newline + 1 : text.data, datadir);
}

/* The head of a binary log says that it is being written; a server that shuts down takes that back. */
static bool
is_open(const char *path)
{
	static const char magic[4] = "\xfe"
				     "bin";
	char head[FLAGS_AT + 1];
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && pread(fd, head, sizeof head, 0) == sizeof head && memcmp(head, magic, sizeof magic) == 0 &&
	       (head[FLAGS_AT] & IN_USE);
}

char *
instance_crash(const struct instance *i)
{
	VSS_AUTOFREE char *log = i->log_index ? last_log(i->log_index, instance_data(i)) : NULL;

	if (log && is_open(log))
		return vss_strf("crashed: %s was not closed", log);
	if (i->pid_file && access(i->pid_file, F_OK) == 0)
		return vss_strf("crashed: %s is left", i->pid_file);
	if (access(i->socket, F_OK) == 0)
		return vss_strf("crashed: %s is left", i->socket);
	return NULL;
}
