// what: Timers of POSIX without end, each an object of the kernel.
// outcome: ok
// stdout: contained\n
#include <signal.h>
#include <stdio.h>
#include <time.h>

int main(void) {
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  int count = 0;
  while (count < 100000 && timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) ++count;
  printf(count <= 256 ? "contained\n" : "ESCAPED: %d timers\n", count);
}
