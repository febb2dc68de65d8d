// what: Watches the whole machine with performance counters.
// outcome: denied
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  static unsigned attributes[32] = {1, 128};
  if (syscall(SYS_perf_event_open, attributes, -1, 0, -1, 0) >= 0) puts("ESCAPED: perf");
}
