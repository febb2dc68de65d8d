// what: Calls itself as if the kernel's line about it ended there, to mislead who reads it.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: memory_limit nonzero_exit
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void) {
  prctl(PR_SET_NAME, ") Z 0 0 0\n) S ", 0, 0, 0);
  for (int i = 0; i < 60; ++i) {
    char* block = malloc(10 << 20);
    if (!block) return 3;
    memset(block, 1, 10 << 20);
    usleep(5000);
  }
  puts("ESCAPED: 600 MiB are taken");
}
