// what: Leaves orphan after orphan to init, which has to bury them while the program runs.
// options: --processes 16 --cpu 4
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      fork();
      _exit(0);
    }
    if (child < 0) {
      ++refused;
      usleep(2000);
      continue;
    }
    waitpid(child, 0, 0);
  }
  puts(refused < 250 ? "contained" : "init does not reap");
}
