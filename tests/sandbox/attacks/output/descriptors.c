// what: Looks for descriptors beyond the standard three, to write to and to leave by.
// outcome: ok
// stdout: contained\n
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int fd = 3; fd < 70000; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) printf("ESCAPED: descriptor %d is open\n", fd);
    if (write(fd, "forged", 6) >= 0) printf("ESCAPED: descriptor %d takes bytes\n", fd);
    if (fchdir(fd) == 0) printf("ESCAPED: descriptor %d is a folder\n", fd);
  }
  puts("contained");
}
