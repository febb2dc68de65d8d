// what: A shared mapping whose pages are dropped from sight once written, though they stay.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: ok memory_limit nonzero_exit
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
  const size_t bytes = 512 << 20, step = 4 << 20;
  char* shared = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 3;
  for (size_t i = 0; i < bytes; i += step) {
    memset(shared + i, 1, step);
    madvise(shared + i, step, MADV_DONTNEED);
  }
  usleep(200000);
}
