// what: Leftovers that hand over to a new process as fast as they can while they are killed.
// options: --processes 32 --cpu 2
// outcome: ok
// stdout: done\n
// wall_below: 5
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
  int* forks = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 8; ++i) {
    if (fork() == 0) {
      setsid();
      while (__sync_fetch_and_add(forks, 1) < 2000) {
        if (fork() > 0) _exit(0);
      }
      pause();
    }
  }
  usleep(20000);
  puts("done");
}
