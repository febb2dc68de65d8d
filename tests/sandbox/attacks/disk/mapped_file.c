// what: Writes through a mapping of files that are larger than the space left.
// options: --disk 8M
// outcome: signal
// signal: 7
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
  const size_t bytes = 12 << 20;
  const int fd = open("/box/file", O_CREAT | O_RDWR, 0600);
  if (ftruncate(fd, (off_t)bytes) != 0) return 3;
  char* block = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (block == MAP_FAILED) return 4;
  memset(block, 1, bytes);
  puts("ESCAPED: more bytes than the folder may hold");
}
