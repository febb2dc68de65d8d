// what: A mapping that grows by mremap, page by page touched.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: nonzero_exit memory_limit
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  const size_t step = 4 << 20;
  size_t bytes = step;
  char* block = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  while (bytes < (size_t)1 << 30) {
    block = mremap(block, bytes, bytes + step, MREMAP_MAYMOVE);
    if (block == MAP_FAILED) return 3;
    memset(block + bytes, 1, step);
    bytes += step;
  }
  puts("ESCAPED: a gigabyte is taken");
}
