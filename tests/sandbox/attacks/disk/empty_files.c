// what: A million empty files, which no limit of bytes counts.
// options: --memory 32M --cpu 1 --time 8
// outcome: memory_limit cpu_limit nonzero_exit time_limit
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  char name[32];
  for (int i = 0; i < 1000000; ++i) {
    snprintf(name, sizeof name, "/box/%d", i);
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0) return 3;
    close(fd);
  }
  puts("ESCAPED: a million files");
}
