// what: Pipes with the largest buffers, all full: memory of the kernel.
// options: --memory 24M --cpu 4
// outcome: memory_limit ok
// rlimit_outcome: ok
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

static char block[1 << 16];

int main(void) {
  for (int i = 0; i < 55; ++i) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0) return 3;
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    while (write(ends[1], block, sizeof block) > 0) {
    }
  }
}
