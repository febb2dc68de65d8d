// what: Ignores the signal of the CPU limit and goes on.
// options: --cpu 0.5 --time 10
// outcome: cpu_limit
#include <signal.h>

int main(void) {
  signal(SIGXCPU, SIG_IGN);
  for (volatile unsigned i = 0;; ++i) {
  }
}
