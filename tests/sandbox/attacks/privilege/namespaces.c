// what: Asks for new namespaces of every kind, one by one and all together.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  static const int kinds[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID, CLONE_NEWNET,
                              CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, 0x80, 0x7e020000};
  setvbuf(stdout, 0, _IONBF, 0);
  for (int i = 0; i < 9; ++i) {
    if (fork() == 0) {
      if (unshare(kinds[i]) == 0) printf("ESCAPED: namespace %x\n", (unsigned)kinds[i]);
      _exit(0);
    }
    wait(0);
  }
  puts("contained");
}
