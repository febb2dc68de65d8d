// what: One line of 1 GiB.
// options: --output 64K --cpu 4
// outcome: output_limit
#include <string.h>
#include <unistd.h>

static char block[1 << 20];

int main(void) {
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 1024; ++i) {
    if (write(1, block, sizeof block) < 0) return 3;
  }
}
