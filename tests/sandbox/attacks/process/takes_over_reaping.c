// what: Makes itself the reaper of its orphans and leaves them all behind.
// outcome: ok denied
// wall_below: 4
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (int i = 0; i < 5; ++i) {
    if (fork() == 0) {
      if (fork() == 0) sleep(60);
      _exit(0);
    }
  }
  usleep(50000);
}
