// what: Writes much at once and kills itself; what it wrote must not be lost.
// outcome: signal
// signal: 9
// stdout_bytes: 60000
#include <signal.h>
#include <string.h>
#include <unistd.h>

static char block[60000];

int main(void) {
  memset(block, 'x', sizeof block);
  if (write(1, block, sizeof block) != sizeof block) return 3;
  kill(getpid(), SIGKILL);
}
