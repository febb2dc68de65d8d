// what: Dumps core, which the host might write to a file or hand to a program.
// outcome: signal
// signal: 6
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int main(void) {
  const struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &most);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  abort();
}
