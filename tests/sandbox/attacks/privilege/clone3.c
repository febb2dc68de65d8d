// what: Uses clone3, whose flags stand in memory where no filter sees them.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  unsigned long arguments[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
  for (unsigned long size = 64; size <= 88; size += 8) {
    const long child = syscall(435, arguments, size);
    if (child == 0) _exit(0);
    if (child > 0) puts("ESCAPED: clone3");
  }
  puts("contained");
}
