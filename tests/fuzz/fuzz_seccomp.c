/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of compiling filters: what the check lets pass compiles or is refused
 * with a reason, and twice gives the same program.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "security/seccomp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct seccomp_filter one, two;
	struct oci_spec *s;
	struct faults f;

	if (oci_parse(&a, "f", (const char *)data, size, &s) < 0 ||
	    !s->linux_->seccomp)
		return 0;
	faults_init(&f, &a);
	seccomp_check(s->linux_->seccomp, &f);
	if (f.n)
		return 0;
	err_clear();
	if (seccomp_compile(&a, s->linux_->seccomp, NULL, &one) < 0) {
		if (*err_get() == '\0')
			abort();
		return 0;
	}
	if (seccomp_compile(&a, s->linux_->seccomp, NULL, &two) < 0 ||
	    one.n != two.n ||
	    (one.n && memcmp(one.insns, two.insns, one.n * (size_t)8) != 0))
		abort();
	return 0;
}
