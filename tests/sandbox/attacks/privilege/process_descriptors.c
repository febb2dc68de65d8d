// what: Takes hold of init by a descriptor instead of a number.
// outcome: ok denied
// stdout_not: ESCAPED
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  const long init = syscall(434, 1, 0);
  if (init >= 0) puts("ESCAPED: pidfd_open");
  for (int fd = 0; fd < 100; ++fd) {
    if (syscall(424, fd, SIGKILL, 0, 0) == 0) puts("ESCAPED: pidfd_send_signal");
  }
  if (syscall(448, 3, 0) == 0) puts("ESCAPED: process_mrelease");
}
