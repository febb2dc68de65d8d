// what: Every process doubles itself, 2,000 times in all at most.
// options: --processes 16 --cpu 4
// outcome: process_limit
// rlimit_outcome: process_limit nonzero_exit
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int* forks = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const pid_t first = getpid();
  while (__sync_fetch_and_add(forks, 1) < 2000) {
    if (fork() < 0) {
      if (getpid() == first) return 3;
      pause();
    }
  }
  pause();
}
