// what: Timers fire as fast as they can, so that every system call is interrupted.
// options: --cpu 0.5 --time 3
// outcome: cpu_limit time_limit
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static void nothing(int number) { (void)number; }

int main(void) {
  signal(SIGALRM, nothing);
  signal(SIGPROF, nothing);
  signal(SIGVTALRM, nothing);
  const struct itimerval often = {{0, 1}, {0, 1}};
  setitimer(ITIMER_REAL, &often, 0);
  setitimer(ITIMER_PROF, &often, 0);
  setitimer(ITIMER_VIRTUAL, &often, 0);
  for (;;) pause();
}
