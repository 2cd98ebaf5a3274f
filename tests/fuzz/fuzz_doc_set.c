/* SPDX-License-Identifier: BSD-2-Clause */
#include "round_trip.h"

FUZZ_ROUND_TRIP(struct vss_set, vss_doc_read_set, vss_doc_write_set, vss_set_free)
