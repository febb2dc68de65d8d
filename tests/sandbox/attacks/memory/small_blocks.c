// what: Many small blocks, each touched, none freed.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: memory_limit nonzero_exit signal
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  for (int i = 0; i < 1 << 20; ++i) {
    char* block = malloc(1000);
    if (!block) return 3;
    memset(block, 1, 1000);
  }
  puts("ESCAPED: a gigabyte is taken");
}
