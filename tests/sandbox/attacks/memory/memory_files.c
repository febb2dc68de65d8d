// what: Files in memory that are never mapped, each below the limit of a file.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: nonzero_exit
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static char block[1 << 20];

int main(void) {
  long total = 0;
  for (int i = 0; i < 64; ++i) {
    const int fd = memfd_create("m", 0);
    if (fd < 0) return 3;
    for (int k = 0; k < 8; ++k) {
      if (write(fd, block, sizeof block) != sizeof block) return 4;
      total += sizeof block;
    }
  }
  printf("ESCAPED with %ld bytes\n", total);
}
