/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdnotify TEXT...: sends each TEXT as one datagram to $NOTIFY_SOCKET, from
 * inside a container. Exit status 1 when that cannot be done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (!path || strlen(path) >= sizeof(sa.sun_path) || fd < 0)
		return 1;
	strcpy(sa.sun_path, path);
	for (int i = 1; i < argc; i++) {
		if (sendto(fd, argv[i], strlen(argv[i]), 0,
			   (struct sockaddr *)&sa, sizeof(sa)) < 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
