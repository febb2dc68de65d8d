// what: Asks the kernel about interfaces and routes over netlink, on all its protocols.
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  for (int protocol = 0; protocol < 24; ++protocol) {
    if (socket(AF_NETLINK, SOCK_RAW, protocol) >= 0) printf("ESCAPED: netlink %d\n", protocol);
  }
  puts("contained");
}
