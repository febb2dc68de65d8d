// what: Sends SIGKILL to every process that it may reach, init among them, and goes on.
// outcome: ok
// stdout: contained\n
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 100; ++i) {
    kill(-1, SIGKILL);
    kill(1, SIGKILL);
    kill(getppid(), SIGKILL);
  }
  puts("contained");
}
