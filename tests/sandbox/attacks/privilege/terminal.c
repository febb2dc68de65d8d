// what: Types into the terminal of the host (TIOCSTI), with and without bits that are cut off.
// outcome: ok denied
// stdout_not: ESCAPED
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  static const unsigned long requests[] = {TIOCSTI, TIOCLINUX, TIOCSCTTY};
  for (int fd = 0; fd < 3; ++fd) {
    for (int i = 0; i < 3; ++i) {
      for (int bit = 31; bit < 64; ++bit) {
        const unsigned long high = bit == 31 ? 0 : 1UL << bit;
        const long result = syscall(SYS_ioctl, fd, high | requests[i], "x");
        // ENOTTY is the answer of the pipe: the filter let the request through.
        if (result >= 0 || errno == ENOTTY) printf("ESCAPED: request %lx\n", high | requests[i]);
      }
    }
  }
  if (open("/dev/tty", O_RDWR) >= 0) puts("ESCAPED: a terminal");
}
