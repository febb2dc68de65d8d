// what: Makes the pipe non-blocking and as small as can be, then floods it.
// options: --output 64K --cpu 4
// outcome: output_limit
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char block[100000];

int main(void) {
  memset(block, 'x', sizeof block);
  fcntl(1, F_SETFL, O_NONBLOCK);
  fcntl(1, F_SETPIPE_SZ, 4096);
  for (;;) {
    const ssize_t written = write(1, block, sizeof block);
    (void)written;
  }
}
