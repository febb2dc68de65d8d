// what: Raw sockets, packet sockets and ICMP.
// outcome: ok
// stdout: contained\n
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  if (socket(AF_INET, SOCK_RAW, IPPROTO_RAW) >= 0) puts("ESCAPED: raw");
  if (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0) puts("ESCAPED: raw ICMP");
  if (socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) >= 0) puts("ESCAPED: ping");
  if (socket(AF_PACKET, SOCK_RAW, htons(3)) >= 0) puts("ESCAPED: packets");
  if (socket(AF_PACKET, SOCK_DGRAM, 0) >= 0) puts("ESCAPED: packets of a device");
  puts("contained");
}
