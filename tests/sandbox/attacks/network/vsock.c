// what: A socket to the hypervisor.
// outcome: denied
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  if (socket(AF_VSOCK, SOCK_STREAM, 0) >= 0) puts("ESCAPED: vsock");
}
