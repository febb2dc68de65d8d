// what: Kills every number that a process may have while another program runs beside it.
// neighbour: yes
// outcome: ok
// stdout: contained\n
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int round = 0; round < 5; ++round) {
    for (int pid = 1; pid < 70000; ++pid) {
      if (pid != getpid()) kill(pid, SIGKILL);
    }
    kill(@PID@, SIGKILL);
    usleep(100000);
  }
  puts("contained");
}
