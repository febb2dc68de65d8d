// what: Floods through copies of the descriptor and from several processes at once.
// options: --output 64K --cpu 4
// outcome: output_limit
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char block[4096];

int main(void) {
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 3; ++i) fork();
  int copies[16];
  for (int i = 0; i < 16; ++i) copies[i] = fcntl(1, F_DUPFD, 50);
  for (int i = 0;; ++i) {
    if (write(copies[i % 16], block, sizeof block) < 0) return 3;
  }
}
