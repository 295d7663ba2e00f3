// SPDX-License-Identifier: MIT

// The floor: a C program that queries chronyd once over UDP, waits for the reply, and exits.
// Usage: floor ADDRESS PORT

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	// candm.h: version, PKT_TYPE_CMD_REQUEST, REQ_TRACKING. It is as long as the reply.
	unsigned char request[104] = {6, 1, 0, 0, 0, 33}, reply[104];
	struct sockaddr_in chronyd = {.sin_family = AF_INET};
	struct pollfd wait = {.events = POLLIN};

	if (argc != 3 || inet_pton(AF_INET, argv[1], &chronyd.sin_addr) != 1)
		return 3;
	chronyd.sin_port = htons((uint16_t)atoi(argv[2]));
	wait.fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(wait.fd, (struct sockaddr *)&chronyd, sizeof(chronyd)) < 0 ||
	    send(wait.fd, request, sizeof(request), 0) < 0 || poll(&wait, 1, 5000) != 1 ||
	    recv(wait.fd, reply, sizeof(reply), 0) != sizeof(reply) || (reply[8] | reply[9]) != 0) // CMD_Reply.status
		return 2;
	printf("stratum %d\n", reply[52] << 8 | reply[53]);
	return 0;
}
