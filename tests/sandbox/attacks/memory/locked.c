// what: Locks memory so that it could never be taken back.
// options: --memory 256M
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(void) {
  const size_t bytes = 32 << 20;
  char* block = malloc(bytes);
  if (mlock(block, bytes) == 0) puts("ESCAPED: mlock");
  if (mlock2(block, bytes, 0) == 0) puts("ESCAPED: mlock2");
  if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0) puts("ESCAPED: mlockall");
  if (mmap(0, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) != MAP_FAILED) {
    puts("ESCAPED: MAP_LOCKED");
  }
  puts("contained");
}
