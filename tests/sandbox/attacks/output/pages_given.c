// what: Gives pages of its memory to the pipe instead of copying, and changes them later.
// options: --output 64K --cpu 2
// outcome: output_limit nonzero_exit denied
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

static char block[1 << 16];

int main(void) {
  struct iovec part = {block, sizeof block};
  for (int i = 0; i < 10000; ++i) {
    block[i] = 'x';
    if (vmsplice(1, &part, 1, SPLICE_F_GIFT) < 0) return 3;
  }
}
