// what: Stops every process that it may reach, init among them, and then itself.
// options: --time 0.7
// outcome: time_limit
#include <signal.h>
#include <unistd.h>

int main(void) {
  for (;;) {
    kill(1, SIGSTOP);
    kill(1, SIGTSTP);
    kill(-1, SIGSTOP);
    kill(0, SIGSTOP);
  }
}
