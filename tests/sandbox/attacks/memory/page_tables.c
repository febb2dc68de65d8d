// what: Reads spread so widely that they cost page tables and no pages.
// options: --memory 48M --processes 32 --cpu 4
// outcome: memory_limit
// rlimit_outcome: ok nonzero_exit memory_limit
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const size_t bytes = (size_t)3 << 30, step = 2 << 20;
  char* wide = mmap(0, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (wide == MAP_FAILED) return 3;
  for (int i = 0; i < 24; ++i) {
    if (fork() == 0) {
      volatile char sum = 0;
      for (size_t k = 0; k < bytes; k += step) sum = (char)(sum + wide[k]);
      sleep(1);
      _exit(0);
    }
  }
  while (wait(0) > 0) {
  }
}
