/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSWORD_BYTES = 4096 };

struct server {
	const struct config *config;
	const struct config_instance *at;
	redisContext *link;
};

char *
server_address(const struct config_instance *at)
{
	return at->socket ? vss_strf("socket %s", at->socket)
			  : vss_strf("%s:%u", at->host ? at->host : "127.0.0.1", at->port);
}

static struct timeval
limit(unsigned ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (long)(ms % 1000) * 1000 };
}

static int
refuse(const struct server *s, enum vss_code code, int sys, const char *why, struct vss_err *err)
{
	VSS_AUTOFREE char *address = server_address(s->at);

	return vss_fail(err, code, sys, "instance %s: %s%s%s", s->at->name, address, *why ? ": " : "", why);
}

/* hiredis says EAGAIN where its limit of time has passed. */
static int
lost(struct server *s, int sys, struct vss_err *err)
{
	bool timed_out = sys == EAGAIN || sys == ETIMEDOUT || sys == EINPROGRESS;

	if (s->link->err == REDIS_ERR_EOF)
		refuse(s, VSS_SYSTEM, 0, "the server has closed the connection", err);
	else if (s->link->err == REDIS_ERR_IO && timed_out)
		refuse(s, VSS_TIMEOUT, 0, "does not answer in time", err);
	else if (s->link->err == REDIS_ERR_IO && (sys == ECONNREFUSED || sys == ENOENT))
		refuse(s, VSS_ABSENT, 0, "nobody listens there", err);
	else if (s->link->err == REDIS_ERR_IO && sys != 0)
		refuse(s, VSS_SYSTEM, sys, "", err);
	else
		refuse(s, s->link->err == REDIS_ERR_PROTOCOL ? VSS_PROTOCOL : VSS_SYSTEM, 0, s->link->errstr, err);
	redisFree(s->link);
	s->link = NULL;
	return -1;
}

/* What the first word of an error answer means. */
static int
refused(const struct server *s, const char *command, const char *text, struct vss_err *err)
{
	static const struct {
		const char *prefix, *way_out;
		enum vss_code code;
	} kinds[] = {
		{ "NOAUTH", "wants a password: say password-file= in the writer's configuration", VSS_DENIED },
		{ "WRONGPASS", "does not take this user and password", VSS_DENIED },
		{ "ERR invalid password", "does not take this password", VSS_DENIED },
		{ "NOPERM", "does not allow %s to this user", VSS_DENIED },
		{ "ERR unknown command", "knows no command %s: it was renamed or switched off", VSS_UNSUPPORTED },
		{ "LOADING", "is loading its data", VSS_BUSY },
		{ "BUSY", "is held up by a script", VSS_BUSY },
		{ "ERR Background save already", "saves already", VSS_BUSY },
		{ "ERR Another child process", "has a child at work", VSS_BUSY },
		{ "ERR Can't BGSAVE while AOF", "has a child at work", VSS_BUSY },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!vss_str_starts(text, kinds[i].prefix))
			continue;
		const char *mark = strstr(kinds[i].way_out, "%s");
		VSS_AUTOFREE char *why =
			mark ? vss_strf("%.*s%s%s", (int)(mark - kinds[i].way_out), kinds[i].way_out, command, mark + 2)
			     : vss_strdup(kinds[i].way_out);
		return refuse(s, kinds[i].code, 0, why, err);
	}
	VSS_AUTOFREE char *safe = vss_escaped(text);
	VSS_AUTOFREE char *why = vss_strf("%s: %s", command, safe);
	return refuse(s, VSS_SYSTEM, 0, why, err);
}

/* One command; NULL on failure.  `argv` ends with NULL. */
static redisReply *
say(struct server *s, const char **argv, struct vss_err *err)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	errno = 0;
	redisReply *r = redisCommandArgv(s->link, argc, argv, NULL);
	if (!r) {
		lost(s, errno, err);
		return NULL;
	}
	if (r->type != REDIS_REPLY_ERROR)
		return r;
	refused(s, argv[0], r->str, err);
	freeReplyObject(r);
	return NULL;
}

/*
 * Somebody else who can read it could do with the server what he likes; who can write it could make us
 * tell any word to it.
 */
static char *
read_password(const char *path, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[PASSWORD_BYTES + 1] = "";
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 077)) {
		vss_fail(err, VSS_DENIED, 0,
			"%s: has to be a file of root's that nobody else can read or write (mode 600)", path);
		return NULL;
	}
	ssize_t n = read(fd, text, PASSWORD_BYTES);
	if (n < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
		return NULL;
	}
	text[strcspn(text, "\r\n")] = '\0';
	return vss_strdup(text);
}

static int
authenticate(struct server *s, struct vss_err *err)
{
	const struct config_instance *at = s->at;

	if (!at->password_file)
		return 0;
	char *password = read_password(at->password_file, err);
	if (!password) {
		err->code = VSS_DENIED; /* the server is there, whatever there is of the file */
		return vss_wrap(err, "instance %s", at->name);
	}
	const char *both[] = { "AUTH", at->user, password, NULL }, *alone[] = { "AUTH", password, NULL };
	redisReply *r = say(s, at->user ? both : alone, err);
	explicit_bzero(password, strlen(password));
	free(password);
	if (!r)
		return -1;
	freeReplyObject(r);
	return 0;
}

static int
make_link(struct server *s, struct vss_err *err)
{
	const struct config_instance *at = s->at;
	struct timeval connect = limit(s->config->connect_ms), command = limit(s->config->command_ms);

	errno = 0;
	s->link = at->socket ? redisConnectUnixWithTimeout(at->socket, connect)
			     : redisConnectWithTimeout(at->host ? at->host : "127.0.0.1", (int)at->port, connect);
	int sys = errno;
	if (!s->link)
		return refuse(s, VSS_SYSTEM, ENOMEM, "", err);
	if (s->link->err)
		return lost(s, sys, err);
	if (redisSetTimeout(s->link, command) != REDIS_OK)
		return lost(s, errno, err);
	if (authenticate(s, err) == 0)
		return 0;
	if (s->link)
		redisFree(s->link);
	s->link = NULL;
	return -1;
}

/* With a connection made anew where the last one was lost. */
static redisReply *
ask(struct server *s, const char **argv, struct vss_err *err)
{
	return s->link || make_link(s, err) == 0 ? say(s, argv, err) : NULL;
}

struct server *
server_open(const struct config *c, const struct config_instance *at, struct vss_err *err)
{
	struct server *s = vss_alloc(sizeof *s);
	const char *ping[] = { "PING", NULL };
	struct vss_err why = VSS_ERR_INIT;

	*s = (struct server){ .config = c, .at = at };
	redisReply *r = ask(s, ping, &why);
	if (r)
		freeReplyObject(r);
	if (r || why.code == VSS_BUSY) /* one that loads is there, and says what it does when it is asked for more */
		return s;
	*err = why;
	server_close(s);
	return NULL;
}

void
server_close(struct server *s)
{
	if (!s)
		return;
	if (s->link)
		redisFree(s->link);
	free(s);
}

static int
unexpected(const struct server *s, const char *command, struct vss_err *err)
{
	VSS_AUTOFREE char *why = vss_strf("%s: an answer of another kind than Redis gives", command);

	return refuse(s, VSS_PROTOCOL, 0, why, err);
}

char *
server_info(struct server *s, const char *section, struct vss_err *err)
{
	const char *argv[] = { "INFO", section, NULL };
	char *text = NULL;
	redisReply *r = ask(s, argv, err);

	if (!r)
		return NULL;
	if (r->type == REDIS_REPLY_STRING && r->str)
		text = vss_strndup(r->str, r->len);
	else
		unexpected(s, argv[0], err);
	freeReplyObject(r);
	return text;
}

char *
info_field(const char *info, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = info; line; line = strchr(line, '\n'), line += line != NULL)
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			return vss_strndup(line + n + 1, strcspn(line + n + 1, "\r\n"));
	return NULL;
}

bool
info_is(const char *info, const char *name, const char *value)
{
	VSS_AUTOFREE char *is = info_field(info, name);

	return is && strcmp(is, value) == 0;
}

int
server_get(struct server *s, const char *setting, char **value, struct vss_err *err)
{
	const char *argv[] = { "CONFIG", "GET", setting, NULL };
	redisReply *r = ask(s, argv, err);
	int result = 0;

	*value = NULL;
	if (!r)
		return -1;
	if (r->type != REDIS_REPLY_ARRAY || (r->elements != 0 && r->elements != 2))
		result = unexpected(s, argv[0], err);
	else if (r->elements == 2 && r->element[1]->type == REDIS_REPLY_STRING)
		*value = vss_strndup(r->element[1]->str, r->element[1]->len);
	freeReplyObject(r);
	return result;
}

int
server_set(struct server *s, const char *setting, const char *value, struct vss_err *err)
{
	const char *argv[] = { "CONFIG", "SET", setting, value, NULL };
	redisReply *r = ask(s, argv, err);

	if (!r)
		return -1;
	freeReplyObject(r);
	return 0;
}

int
server_last_save(struct server *s, long long *seconds, struct vss_err *err)
{
	const char *argv[] = { "LASTSAVE", NULL };
	redisReply *r = ask(s, argv, err);
	int result = 0;

	if (!r)
		return -1;
	if (r->type == REDIS_REPLY_INTEGER)
		*seconds = r->integer;
	else
		result = unexpected(s, argv[0], err);
	freeReplyObject(r);
	return result;
}

int
server_time(struct server *s, long long *seconds, struct vss_err *err)
{
	const char *argv[] = { "TIME", NULL };
	redisReply *r = ask(s, argv, err);
	int result = 0;

	if (!r)
		return -1;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 2 && r->element[0]->type == REDIS_REPLY_STRING)
		*seconds = strtoll(r->element[0]->str, NULL, 10);
	else
		result = unexpected(s, argv[0], err);
	freeReplyObject(r);
	return result;
}

int
server_save(struct server *s, struct vss_err *err)
{
	const char *argv[] = { "BGSAVE", NULL };
	redisReply *r = ask(s, argv, err);

	if (!r)
		return -1;
	freeReplyObject(r);
	return 0;
}

int
server_layout(struct server *s, struct layout *out, struct vss_err *err)
{
	VSS_AUTOFREE char *appendonly = NULL, *save = NULL, *clustered = NULL;
	struct layout l = { 0 };
	const struct {
		const char *setting;
		char **to;
	} settings[] = {
		{ "dir", &l.dir },
		{ "dbfilename", &l.rdb },
		{ "appendfilename", &l.aof },
		{ "appenddirname", &l.aof_dir },
		{ "cluster-config-file", &l.nodes },
		{ "appendonly", &appendonly },
		{ "save", &save },
		{ "cluster-enabled", &clustered },
	};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (server_get(s, settings[i].setting, settings[i].to, err) == 0)
			continue;
		layout_clear(&l);
		return -1;
	}
	l.aof_on = appendonly && strcmp(appendonly, "yes") == 0;
	l.saves = save && *save;
	if (!clustered || strcmp(clustered, "yes") != 0) {
		free(l.nodes);
		l.nodes = NULL;
	}
	if (!l.aof_dir)
		l.aof_dir = vss_strdup(s->at->own.layout.aof_dir ? s->at->own.layout.aof_dir : "appendonlydir");
	layout_clear(out);
	*out = l;
	return out->rdb && out->aof ? 0 : refuse(s, VSS_UNSUPPORTED, 0, "does not say where its files are", err);
}
