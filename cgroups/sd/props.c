/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of a request as a D-Bus message. The request was checked: every
 * value has the parts that its signature asks for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cgroups/sd/bus.h"

struct parts {
	const char **v;
};

static const char *next(struct parts *p)
{
	return *p->v++;
}

static int append_integer(sd_bus_message *m, char type, const char *text)
{
	uint64_t u = 0;
	int64_t i = 0;

	if (*text == '-' ? str_i64(text, &i) < 0 : str_u64(text, &u) < 0)
		return -EINVAL;
	if (*text == '-')
		u = (uint64_t)i;
	switch (type) {
	case 'y':
		return sd_bus_message_append(m, "y", (int)(uint8_t)u);
	case 'n':
	case 'q':
		return sd_bus_message_append(m, (char[]){ type, 0 },
					     (int)(uint16_t)u);
	case 'i':
	case 'u':
		return sd_bus_message_append(m, (char[]){ type, 0 },
					     (uint32_t)u);
	case 'b':
		return sd_bus_message_append(m, "b", u != 0);
	default:
		return sd_bus_message_append(m, (char[]){ type, 0 }, u);
	}
}

static int append_basic(sd_bus_message *m, char type, const char *text)
{
	if (strchr("sog", type))
		return sd_bus_message_append_basic(m, type, text);
	if (type == 'd')
		return sd_bus_message_append(m, "d", strtod(text, NULL));
	return append_integer(m, type, text);
}

static int append_value(sd_bus_message *m, const char *sig, struct parts *p);

/* What is between the first and the last character of sig, or after one. */
static int append_container(sd_bus_message *m, char type, const char *sig,
			    size_t len, size_t n, struct parts *p)
{
	char inner[64];
	int r;

	if (len >= sizeof(inner))
		return -E2BIG;
	memcpy(inner, sig, len);
	inner[len] = '\0';
	r = sd_bus_message_open_container(m, type, inner);
	for (; r >= 0 && n > 0; n--)
		for (const char *s = inner; r >= 0 && *s; s += sd_type_len(s))
			r = append_value(m, s, p);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const char *sig, struct parts *p)
{
	size_t len = sd_type_len(sig);

	if (*sig == 'a')
		return append_container(m, 'a', sig + 1, len - 1,
					strtoul(next(p), NULL, 10), p);
	if (*sig == '(')
		return append_container(m, 'r', sig + 1, len - 2, 1, p);
	return append_basic(m, *sig, next(p));
}

int prop_append_value(sd_bus_message *m, const struct sd_prop *prop)
{
	return append_value(m, prop->sig, &(struct parts){ .v = prop->v });
}

static int append_prop(sd_bus_message *m, const struct sd_prop *prop)
{
	int r = sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", prop->name);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', prop->sig);
	if (r >= 0)
		r = prop_append_value(m, prop);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int props_append(sd_bus_message *m, const struct sd_request *q,
		 unsigned int version)
{
	int r = sd_bus_message_open_container(m, 'a', "(sv)");

	for (size_t i = 0; i < q->n_props && r >= 0; i++)
		if (q->props[i].since <= version)
			r = append_prop(m, &q->props[i]);
	return r < 0 ? r : sd_bus_message_close_container(m);
}
