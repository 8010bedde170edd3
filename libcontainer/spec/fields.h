/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to spec: the records that the field tables of several files share.
 * Pure data. The order of the fields is the order in which they are written.
 */
#ifndef TARE_SPEC_FIELDS_H
#define TARE_SPEC_FIELDS_H

#include "spec/spec.h"

extern const struct record oci_linux_record, oci_id_map_record,
	oci_mounts_record;

#endif
