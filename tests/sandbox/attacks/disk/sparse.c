// what: A file of 1 TiB without contents.
// outcome: file_limit nonzero_exit
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  const int fd = open("/box/file", O_CREAT | O_WRONLY, 0600);
  if (ftruncate(fd, 1L << 40) != 0) return 3;
  puts("ESCAPED: a file of 1 TiB");
}
