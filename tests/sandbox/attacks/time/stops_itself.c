// what: Stops itself, so that it neither ends nor uses CPU.
// options: --time 0.7
// outcome: time_limit
#include <signal.h>
#include <unistd.h>

int main(void) {
  for (;;) kill(getpid(), SIGSTOP);
}
