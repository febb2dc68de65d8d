// what: A sibling of the main process (CLONE_PARENT) outlives it and keeps the outputs.
// outcome: nonzero_exit
// exit_code: 7
// stdout: main\n
// wall_below: 4
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) {
    sleep(60);
    puts("ESCAPED: the sibling lives");
  }
  puts("main");
  return 7;
}
