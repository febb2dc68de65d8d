// what: System calls of the x32 table, which have the same numbers and one bit more.
// outcome: denied ok
// stdout_not: ESCAPED
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  static const long bit = 0x40000000;
  if (syscall(bit | SYS_getpid) > 0) puts("ESCAPED: getpid");
  if (syscall(bit | SYS_socket, 2, 1, 0) >= 0) puts("ESCAPED: socket");
  for (long number = 512; number < 548; ++number) {
    if (syscall(bit | number, -1L, 0, 0, 0, 0, 0) >= 0) printf("ESCAPED: call %ld\n", number);
  }
  puts("contained");
}
