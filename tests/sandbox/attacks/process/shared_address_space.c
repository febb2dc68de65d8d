// what: Children that share the memory of their parent (CLONE_VM) and are no threads.
// options: --processes 16
// outcome: process_limit
// rlimit_outcome: process_limit nonzero_exit
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static int wait_on(void* argument) {
  (void)argument;
  for (;;) pause();
}

int main(void) {
  for (int i = 0; i < 500; ++i) {
    char* stack = malloc(16384);
    if (clone(wait_on, stack + 16384, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, 0) < 0) return 3;
  }
}
