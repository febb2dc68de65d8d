// what: Generation below generation, each with some memory, deeper than a shallow look goes.
// options: --memory 96M --processes 32 --cpu 4
// outcome: memory_limit
// rlimit_outcome: memory_limit nonzero_exit
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const size_t bytes = 12 << 20;
  for (int i = 0; i < 25; ++i) {
    char* block = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return 3;
    memset(block, i, bytes);
    if (fork() != 0) {
      int status = 0;
      wait(&status);
      return status != 0;
    }
    munmap(block, bytes);
    usleep(2000);
  }
  sleep(1);
}
