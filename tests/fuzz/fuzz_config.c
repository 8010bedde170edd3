/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of reading configurations (libFuzzer):
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *     -Ilibcontainer tests/fuzz/fuzz_config.c libcontainer/spec/[a-z]*.c \
 *     libcontainer/codec/json*.c libcontainer/codec/table.c \
 *     libcontainer/base/[a-z]*.c -lyajl -o fuzz_config
 *   ./fuzz_config -dict=tests/fuzz/json.dict DIR tests/data/configs
 *
 * Beyond memory errors: what is accepted and written again must be accepted
 * again and written the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_compare(const struct oci_spec *s)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_buf_ struct buf first = { 0 }, second = { 0 };
	struct oci_spec *again;

	if (json_write(&first, &oci_spec_record, s, JSON_COMPACT) < 0 ||
	    oci_parse(&a, "again", first.data, first.len, &again) < 0 ||
	    json_write(&second, &oci_spec_record, again, JSON_COMPACT) < 0 ||
	    strcmp(first.data, second.data) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena a = { 0 };
	/* Of exactly this size, so that reading beyond it is seen. */
	_cleanup_free_ char *text = malloc(size ? size : 1);
	struct oci_resources *resources;
	struct oci_process *process;
	struct oci_spec *spec;

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (oci_parse(&a, "f", text, size, &spec) == 0)
		write_and_compare(spec);
	(void)oci_parse_process(&a, "f", text, size, &process);
	(void)oci_parse_resources(&a, "f", text, size, &resources);
	return 0;
}
