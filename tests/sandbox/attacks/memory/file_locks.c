// what: Locks every second byte of a file, each lock an object of the kernel.
// options: --memory 32M --cpu 1
// outcome: memory_limit cpu_limit ok
// stdout_not: ESCAPED
#include <fcntl.h>
#include <unistd.h>

int main(void) {
  const int fd = open("/box/file", O_CREAT | O_RDWR, 0600);
  for (long i = 1000000; i > 0; --i) {
    struct flock lock = {F_WRLCK, SEEK_SET, 2 * i, 1, 0};
    if (fcntl(fd, F_SETLK, &lock) != 0) break;
  }
}
