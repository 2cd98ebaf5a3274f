/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the output of a writer that was asked something: the first byte says what.  The host survives them; a writer
 * that broke the protocol has a code and a sentence; metadata that it took keeps the rules and can be written as a document
 * and read again; directories that later statements name are absolute.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY it aborts once files with another mask than 3855 are taken,
 * which no seed has.
 */
#include "base/mem.h"
#include "doc/doc.h"
#include "writer/host_internal.h"
#include "writer/statement.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 512 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
expect_document(const struct vss_metadata *m)
{
	VSS_AUTOBUF struct vss_buf xml = VSS_BUF_INIT;
	const struct vss_mount_list none = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (vss_metadata_check(m, &err) != 0 || host_check_places(m, &none, NULL, &err) != 0 ||
		vss_doc_write_metadata(m, &xml, &err) != 0)
		abort();
	struct vss_metadata *again = vss_doc_read_metadata(xml.data, xml.len, &err);
	if (!again || again->ncomponents != m->ncomponents || again->nexcludes != m->nexcludes)
		abort();
	vss_metadata_free(again);
#ifdef VSS_FUZZ_CANARY
	for (size_t i = 0; i < m->ncomponents; i++)
		for (size_t j = 0; j < m->components[i].nfiles; j++)
			if (m->components[i].files[j].mask != VSS_FSBT_DEFAULT)
				abort();
#endif
}

static void
expect_places(const struct vss_line *l)
{
	const struct vss_mount_list none = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (!host_names_places(l))
		return;
	VSS_AUTOFREE char *dir = vss_statement_dir(l, 3);
	if (!dir || dir[0] != '/' || vss_statement_since(l) < 0 || host_check_named_places(l, &none, NULL, &err) != 0)
		abort();
}

/* Behind identify it is a writer that may say all. */
static struct vss_metadata *
identity(void)
{
	struct vss_metadata *m = vss_metadata_new();

	vss_uuid_random(&m->writer_id);
	m->name = vss_strdup("Fuzz");
	m->usage = VSS_UT_OTHER;
	m->source = VSS_ST_OTHER;
	m->method = VSS_RME_RESTORE_IF_NOT_THERE;
	m->writer_restore = VSS_WRE_ALWAYS;
	m->schema = VSS_BS_INCREMENTAL | VSS_BS_LAST_MODIFY;
	vss_metadata_add_exclude(m, "/srv", "*", true);
	return m;
}

/* Two events are open: what is said may answer the first one late, and then the second. */
static void
ask(struct host_writer *w, enum vss_event event)
{
	w->pub.alive = true;
	w->pub.taking_part = true;
	w->open[w->nopen++] = (struct host_event){ ++w->seq, event };
	if (event != VSS_EVENT_BYE)
		w->open[w->nopen++] = (struct host_event){ ++w->seq, event + 1 };
	w->awaited = true;
}

static void
expect_sense(const struct host_writer *w)
{
	if (w->nopen > 2 || w->pub.state >= VSS_WS_COUNT || (w->pub.metadata && w->pub.metadata != w->metadata))
		abort();
	if (w->pub.error != VSS_OK && !w->pub.message)
		abort();
	if (!w->pub.alive && w->pub.error == VSS_OK && !w->parted)
		abort();
	if (w->metadata)
		expect_document(w->metadata);
	for (size_t i = 0; i < w->pub.nstatements; i++)
		expect_places(&w->pub.statements[i]);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	char name[] = "fuzz";
	const struct vss_registration r = { .name = name, .level = VSS_APP_FRONT_END, .freeze_timeout_ms = 60000 };
	int pair[2];

	if (n == 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	struct host_writer *w = host_new(&r);
	vss_conversation_init(&w->talk, pair[0], pair[0]);
	ask(w, data[0] % VSS_EVENT_COUNT);
	if (data[0] % VSS_EVENT_COUNT > VSS_EVENT_IDENTIFY)
		w->pub.metadata = w->metadata = identity();
	for (size_t at = 1; at < n && w->pub.alive; at += PIECE) {
		size_t piece = n - at < PIECE ? n - at : PIECE;

		if (send(pair[1], data + at, piece, MSG_NOSIGNAL) != (ssize_t)piece)
			abort();
		host_hear(w);
	}
	close(pair[1]);
	if (w->pub.alive)
		host_hear(w);
	expect_sense(w);
	host_free(w);
	return 0;
}
