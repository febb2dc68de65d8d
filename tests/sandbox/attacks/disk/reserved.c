// what: Reserves space without writing to it.
// options: --disk 16M
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  long total = 0;
  char name[32];
  for (int i = 0; i < 256; ++i) {
    snprintf(name, sizeof name, "/box/%d", i);
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || fallocate(fd, 0, 0, 4 << 20) != 0) break;
    total += 4 << 20;
    close(fd);
  }
  printf(total <= 17 << 20 ? "contained\n" : "ESCAPED with %ld bytes\n", total);
}
