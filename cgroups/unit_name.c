/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of units and slices: cgroupsPath of the systemd driver. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroups/unit.h"

#define SLICE ".slice"
#define UNIT_NAME_MAX 255
#define UNIT_CHARS                                           \
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN" \
	"OPQRSTUVWXYZ:-_.\\@"

static int no_slice(const char *slice)
{
	return err_text(-EINVAL, "invalid slice name: %s", slice);
}

int unit_expand_slice(const char *slice, char *ret, size_t size)
{
	size_t n = strlen(slice), len = 0, end = n - strlen(SLICE);

	if (n <= strlen(SLICE) || !str_ends(slice, SLICE) ||
	    slice[strspn(slice, UNIT_CHARS)])
		return no_slice(slice);
	if (size > 0)
		*ret = '\0';
	if (streq(slice, "-" SLICE))
		return 0;
	/* Each dash ends the name of a slice that the rest is in. */
	for (size_t i = 0; i <= end; i++) {
		if (i < end && slice[i] != '-')
			continue;
		if (i == 0 || slice[i - 1] == '-')
			return no_slice(slice);
		len += (size_t)snprintf(ret + MIN(len, size),
					size - MIN(len, size), "/%.*s" SLICE,
					(int)i, slice);
	}
	return len < size ? 0 : err_set(-ENAMETOOLONG, "slice %s", slice);
}

/* "slice:prefix:name" -> its three parts, in the arena. */
static int split_path(struct arena *a, const char *path, char *part[3])
{
	for (int i = 0; i < 3; i++) {
		size_t n = strcspn(path, ":");

		if ((path[n] == ':') != (i < 2))
			return -EINVAL;
		part[i] = arena_strndup(a, path, n);
		if (!part[i])
			return -ENOMEM;
		path += n + (i < 2);
	}
	return 0;
}

static int check_unit(const char *unit)
{
	if (strlen(unit) > UNIT_NAME_MAX)
		return err_text(-ENAMETOOLONG,
				"systemd unit name \"%s\" is longer than %d "
				"characters",
				unit, UNIT_NAME_MAX);
	if (unit[strspn(unit, UNIT_CHARS)])
		return err_text(-EINVAL,
				"systemd unit name \"%s\" is not valid: it may "
				"have letters, digits and :-_.\\@ only",
				unit);
	return 0;
}

int unit_decide(struct arena *a, const char *cgroups_path, const char *id,
		bool rootless, struct cg_record *rec)
{
	char *part[3] = { NULL, (char *)"runc", (char *)id };
	int r = 0;

	if (cgroups_path && *cgroups_path)
		r = split_path(a, cgroups_path, part);
	if (r == -EINVAL)
		return err_text(r,
				"expected cgroupsPath to be of format "
				"\"slice:prefix:name\" for systemd cgroups, "
				"got \"%s\" instead",
				cgroups_path);
	if (r < 0)
		return err_set(r, "cgroups");
	rec->slice = part[0] && *part[0] ? part[0]
		     : rootless		 ? (char *)"user.slice"
					 : (char *)"system.slice";
	rec->unit = str_ends(part[2], SLICE)
			    ? part[2]
			    : arena_printf(a, "%s-%s.scope", part[1], part[2]);
	rec->description =
		arena_printf(a, "libcontainer container %s", part[2]);
	if (!rec->unit || !rec->description)
		return err_set(-ENOMEM, "cgroups");
	return check_unit(rec->unit);
}
