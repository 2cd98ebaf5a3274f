/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_CONTAINERS_ENGINE_H
#define VSS_WRITER_CONTAINERS_ENGINE_H

#include "container.h"

/** Every call runs a command of the engine, with a deadline; its failures carry the last line that the command printed. */

/** The containers of this engine that opt in by a label vss.mode or vss.freeze, running or not, behind those of `out`. */
int engine_list(const struct engine *e, struct containers *out, struct vss_err *err);
/** The state of the container now; VSS_ABSENT when it is gone. */
int engine_look(struct container *c, struct vss_err *err);
/** The state of a container that is only known by ID. */
int engine_state(const char *command, const char *id, enum state *out, struct vss_err *err);

/** A command of the engine with more words behind its verb. */
int engine_do(const char *command, const char *verb, const struct vss_strv *words, int timeout_ms, struct vss_err *err);
/** The same for one container. */
int engine_do_one(const char *command, const char *verb, const char *id, int timeout_ms, struct vss_err *err);
/** A command within a container. */
int engine_exec(const char *command, const char *id, const struct vss_strv *argv, int timeout_ms, struct vss_err *err);

#endif
