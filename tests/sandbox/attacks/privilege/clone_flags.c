// what: Clones into new namespaces, also with bits that only a filter looks at.
// outcome: ok denied
// stdout_not: ESCAPED
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void try_flags(unsigned long flags) {
  const long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child > 0) printf("ESCAPED: clone with flags %lx\n", flags);
}

int main(void) {
  static const unsigned long kinds[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                        CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
  setvbuf(stdout, 0, _IONBF, 0);
  for (int i = 0; i < 7; ++i) {
    try_flags(kinds[i]);
    try_flags(kinds[i] | 1UL << 40);
  }
}
