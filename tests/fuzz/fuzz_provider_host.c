/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as what an external provider says to a question: the first byte says to which one.  The host survives them; it has an
 * answer, or a failure with a code that a provider may have and a sentence; copies that it took have UUIDs, and only where
 * copies are asked for.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY it aborts on a locator of more than 8 bytes, which no seed has.
 */
#include "base/mem.h"
#include "provider/external_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
expect_copies(const struct external_talk *t, enum external_event asked)
{
	struct vss_uuid id;

	if (t->nsaid > 0 && asked != EXTERNAL_COMMIT && asked != EXTERNAL_LIST)
		abort();
	for (size_t i = 0; i < t->nsaid; i++) {
		if (vss_uuid_parse(vss_line_word(&t->said[i], 1), &id) != 0)
			abort();
#ifdef VSS_FUZZ_CANARY
		const char *locator = vss_line_get(&t->said[i], "locator");
		if (locator && strlen(locator) > 8)
			abort();
#endif
	}
}

static void
expect_sense(const struct external_talk *t, enum external_event asked, int r, const struct vss_err *err)
{
	if (r == 0 && (!t->open || t->failed || !t->answer.words))
		abort();
	if (r != 0 && (err->code == VSS_OK || err->code == VSS_PROTOCOL || !*err->text))
		abort();
	if (r != 0 && t->open != t->failed)
		abort();
	expect_copies(t, asked);
}

/* It has said all that it will, and is gone: `in` is what it said. */
static void
converse(int in, int out, enum external_event asked)
{
	struct external_talk t = EXTERNAL_TALK_NONE;
	struct external_question q = { .event = asked };
	struct vss_err err = VSS_ERR_INIT;

	t.label = "provider fuzz";
	t.limit_ms = 1000;
	t.open = true;
	vss_conversation_init(&t.talk, in, out);
	int r = external_ask(&t, &q, &err);
	expect_sense(&t, asked, r, &err);
	t.open = false;
	external_talk_end(&t);
}

static void
say(int fd, const unsigned char *data, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, data, n);
		if (done <= 0)
			break; /* more than a socket takes at once proves nothing more */
		data += done;
		n -= (size_t)done;
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	int said[2], heard[2];

	if (n == 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, said) != 0 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, heard) != 0)
		abort();
	say(said[1], data + 1, n - 1);
	close(said[1]);
	converse(said[0], heard[0], data[0] % EXTERNAL_EVENTS);
	close(heard[1]);
	return 0;
}
