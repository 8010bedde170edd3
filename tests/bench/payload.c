/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload: what the measured containers run. Called "true" it ends at once
 * with status 0, called by any other name it sleeps until a signal kills it.
 * Linked statically, so that next to nothing of the time is its own.
 */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "";
	const char *slash = strrchr(name, '/');

	if (!strcmp(slash ? slash + 1 : name, "true"))
		return 0;
	for (;;)
		pause();
}
