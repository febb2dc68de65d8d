// what: Takes a gigabyte and gives it back faster than anybody looks, many times.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: memory_limit nonzero_exit
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  const size_t bytes = 256 << 20;
  for (int i = 0; i < 4; ++i) {
    char* block = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return 3;
    memset(block, 1, bytes);
    munmap(block, bytes);
  }
  puts("ESCAPED: four times the limit");
}
