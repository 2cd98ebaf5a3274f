/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/decide.h"

/* The facts as bits, so that a row names the ones that it needs. */
#define NONE_THERE 0x01u
#define REPLACEABLE 0x02u
#define MAPPED 0x04u
#define MAP_WRITABLE 0x08u
#define MAP_NONE_THERE 0x10u
#define DIRECTED 0x20u
#define ALWAYS 0x00u

static unsigned
bits_of(const struct vss_restore_facts *f)
{
	return (f->none_there ? NONE_THERE : 0) | (f->replaceable ? REPLACEABLE : 0) | (f->mapped ? MAPPED : 0) |
	       (f->mapped_writable ? MAP_WRITABLE : 0) | (f->mapped_none_there ? MAP_NONE_THERE : 0) |
	       (f->directed ? DIRECTED : 0);
}

/* A decision tree of R16: the first row whose facts all hold is the answer; the last row needs none. */
struct row {
	unsigned needs;
	struct vss_restore_decision then;
};
/* clang-format off */
#define GO(to) { .place = VSS_PLACE_##to }
#define CREATE(to) { .place = VSS_PLACE_##to, .create_only = true }
#define NO(said) { .place = VSS_PLACE_REFUSED, .why = (said) }
#define FAULT(said) { .place = VSS_PLACE_REFUSED, .why = (said), .writer_error = true }

static const struct row undefined[] = {
	{ ALWAYS,                                 FAULT("its writer names no restore method") },
};
static const struct row if_not_there[] = {
	{ NONE_THERE | REPLACEABLE,               CREATE(ORIGINAL) },
	{ MAPPED | MAP_WRITABLE | MAP_NONE_THERE, CREATE(ALTERNATE) },
	{ NONE_THERE | MAPPED,                    NO("can be made neither in place nor at its alternate locations") },
	{ NONE_THERE,                             NO("cannot be made in place; not all files have alternate locations") },
	{ MAPPED | MAP_WRITABLE,                  NO("is there already, also at its alternate locations") },
	{ MAPPED,                                 NO("is there already; cannot be made at its alternate locations") },
	{ ALWAYS,                                 NO("is there already; not all files have alternate locations") },
};
static const struct row if_can_replace[] = {
	{ REPLACEABLE,                            GO(ORIGINAL) },
	{ MAPPED | MAP_WRITABLE,                  GO(ALTERNATE) }, /* Q3: over what is there */
	{ MAPPED,                                 NO("can be replaced neither in place nor at its alternate locations") },
	{ ALWAYS,                                 NO("cannot be replaced; not all files have alternate locations") },
};
static const struct row to_empty_alternate[] = {
	{ MAPPED | MAP_WRITABLE | MAP_NONE_THERE, CREATE(ALTERNATE) }, /* Q3: never over a file */
	{ MAPPED | MAP_WRITABLE,                  NO("is there already at its alternate locations") },
	{ MAPPED,                                 NO("cannot be made at its alternate locations") },
	{ ALWAYS,                                 FAULT("its writer does not give every file an alternate location") },
};
static const struct row to_alternate[] = {
	{ MAPPED | MAP_WRITABLE,                  GO(ALTERNATE) },
	{ MAPPED,                                 NO("cannot be made at its alternate locations") },
	{ ALWAYS,                                 FAULT("its writer does not give every file an alternate location") },
};
static const struct row at_reboot[] = {
	{ ALWAYS,                                 GO(AT_BOOT) },
};
static const struct row at_reboot_if_cannot_replace[] = {
	{ REPLACEABLE,                            GO(ORIGINAL) },
	{ ALWAYS,                                 GO(AT_BOOT) }, /* never to an alternate location */
};
static const struct row custom[] = {
	{ ALWAYS,                                 NO("only the own tool of its writer can restore it") },
};
static const struct row to_original[] = {
	{ REPLACEABLE,                            GO(ORIGINAL) },
	{ ALWAYS,                                 NO("cannot be replaced") },
};
static const struct row to_directed[] = {
	{ DIRECTED,                               GO(DIRECTED) },
	{ ALWAYS,                                 FAULT("its writer directs some files and says nothing of others") },
};

/*
 * Each method: its tree, the one for target ALTERNATE (Q3: a method that never writes over a file does not do so there
 * either), whether it heeds targets at all (R28), and what becomes of the service.
 */
static const struct method {
	const struct row *tree, *alternate;
	bool heedless, stops, restarts;
} methods[VSS_RME_COUNT] = {
	[VSS_RME_UNDEFINED]                           = { undefined, .heedless = true },
	[VSS_RME_RESTORE_IF_NOT_THERE]                = { if_not_there, to_empty_alternate },
	[VSS_RME_RESTORE_IF_CAN_REPLACE]              = { if_can_replace, to_alternate },
	[VSS_RME_STOP_RESTORE_START]                  = { if_can_replace, to_alternate, .stops = true }, /* Q4 */
	[VSS_RME_RESTORE_TO_ALTERNATE_LOCATION]       = { to_empty_alternate, to_empty_alternate },
	[VSS_RME_RESTORE_AT_REBOOT]                   = { at_reboot, .heedless = true },
	[VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE] = { at_reboot_if_cannot_replace, .heedless = true },
	[VSS_RME_CUSTOM]                              = { custom, .heedless = true },
	[VSS_RME_RESTORE_STOP_START]                  = { to_original, to_alternate, .restarts = true },
};
/* clang-format on */

static const struct row *
tree_of(const struct method *m, enum vss_restore_target target)
{
	if (m->heedless)
		return m->tree;
	switch (target) { /* R26: a target beats the method; ORIGINAL means to obey it (Z13) */
	case VSS_RT_ALTERNATE:
		return m->alternate;
	case VSS_RT_DIRECTED:
		return to_directed;
	case VSS_RT_ORIGINAL_LOCATION:
		return to_original;
	default:
		return m->tree;
	}
}

struct vss_restore_decision
vss_decide_restore(
	enum vss_restore_method method, enum vss_restore_target target, const struct vss_restore_facts *facts)
{
	static const struct vss_restore_decision cannot_stop = NO("its service cannot be stopped");
	const struct method *m = &methods[method < VSS_RME_COUNT ? method : VSS_RME_UNDEFINED];
	const struct row *row = tree_of(m, target);
	unsigned bits = bits_of(facts);

	if ((m->stops || m->restarts) && !facts->service_stoppable)
		return cannot_stop;
	while ((row->needs & bits) != row->needs)
		row++;
	struct vss_restore_decision d = row->then;
	if (d.place != VSS_PLACE_REFUSED) {
		d.stop_service = m->stops;
		d.restart_service = m->restarts;
	}
	return d;
}

bool
vss_method_stops_first(enum vss_restore_method method)
{
	return method < VSS_RME_COUNT && methods[method].stops;
}

bool
vss_wants_post_restore(enum vss_writer_restore w, enum vss_restore_method method, bool failed)
{
	bool may_fail = method == VSS_RME_RESTORE_IF_NOT_THERE || method == VSS_RME_RESTORE_IF_CAN_REPLACE;

	return w == VSS_WRE_ALWAYS || (w == VSS_WRE_IF_REPLACE_FAILS && may_fail && failed);
}
