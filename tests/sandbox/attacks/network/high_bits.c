// what: A family whose upper 32 bits a filter sees and the kernel cuts off.
// outcome: ok denied
// stdout_not: ESCAPED
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  for (int bit = 32; bit < 64; ++bit) {
    const unsigned long high = 1UL << bit;
    if (syscall(SYS_socket, high | AF_INET, SOCK_STREAM, 0) >= 0) puts("ESCAPED: AF_INET");
    if (syscall(SYS_socket, high | AF_NETLINK, SOCK_RAW, 0) >= 0) puts("ESCAPED: AF_NETLINK");
  }
}
