/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/table.h"

#include <string.h>

#include "base/str.h"

const char *enum_to_name(const struct enum_name *names, int value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

int enum_from_name(const struct enum_name *names, const char *name, int *ret)
{
	for (; names->name; names++) {
		if (strcmp(names->name, name) == 0) {
			*ret = names->value;
			return 0;
		}
	}
	return -ENOENT;
}

bool str_list_has(const struct str_list *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (streq(l->v[i], s))
			return true;
	return false;
}
