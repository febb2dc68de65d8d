// what: The parent hangs in vfork, where only a kill reaches it, while the child sleeps.
// options: --time 0.7
// outcome: time_limit
#define _GNU_SOURCE
#include <unistd.h>

int main(void) {
  if (vfork() == 0) {
    for (;;) pause();
  }
  return 0;
}
