/* SPDX-License-Identifier: BSD-2-Clause */
#include "round_trip.h"

FUZZ_ROUND_TRIP(struct vss_bcd, vss_doc_read_bcd, vss_doc_write_bcd, vss_bcd_free)
