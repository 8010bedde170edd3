/* SPDX-License-Identifier: Apache-2.0 */
/* An arena for each test, and linux.resources in it from JSON text. */
#include "base/err.h"
#include "spec/spec.h"

static struct arena arena;

static int tear_down(void **state)
{
	arena_free(&arena);
	return 0;
}

static struct oci_resources *parse(const char *text)
{
	struct oci_resources *res = arena_calloc(&arena, 1, sizeof(*res));
	struct faults f;

	faults_init(&f, &arena);
	assert_int_equal(json_parse(&arena, text, strlen(text),
				    &oci_resources_record, res, &f),
			 0);
	if (faults_report(&f, "resources") < 0)
		fail_msg("%s", err_get());
	return res;
}
