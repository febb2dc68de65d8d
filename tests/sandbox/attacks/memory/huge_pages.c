// what: Asks for huge pages and touches one byte of each.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: nonzero_exit memory_limit
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
  const size_t bytes = (size_t)1 << 30;
  char* block = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return 3;
  madvise(block, bytes, MADV_HUGEPAGE);
  for (size_t i = 0; i < bytes; i += 4096) block[i] = 1;
  puts("ESCAPED: a gigabyte is taken");
}
