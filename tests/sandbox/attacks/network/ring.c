// what: io_uring, whose requests no filter of system calls sees.
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  static char parameters[256];
  if (syscall(425, 8, parameters) >= 0) puts("ESCAPED: io_uring_setup");
  if (syscall(426, 0, 1, 1, 0, 0, 0) >= 0) puts("ESCAPED: io_uring_enter");
  if (syscall(427, 0, 0, 0, 0) >= 0) puts("ESCAPED: io_uring_register");
  puts("contained");
}
