// what: Gives init a child that it did not start (CLONE_PARENT) and that ends well at once.
// outcome: nonzero_exit
// exit_code: 7
// stdout: main\n
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) _exit(0);
  usleep(200000);
  puts("main");
  return 7;
}
