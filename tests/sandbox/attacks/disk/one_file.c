// what: One file above the limit of a file, with the signal of that limit left as it is.
// outcome: file_limit
#include <fcntl.h>
#include <unistd.h>

static char block[1 << 20];

int main(void) {
  const int fd = open("/box/file", O_CREAT | O_WRONLY, 0600);
  for (int i = 0; i < 40; ++i) {
    if (write(fd, block, sizeof block) < 0) return 3;
  }
}
