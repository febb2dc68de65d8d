// what: Is ended by its own broken pipe.
// outcome: signal
// signal: 13
#include <unistd.h>

int main(void) {
  int ends[2];
  if (pipe(ends) != 0) return 3;
  close(ends[0]);
  return write(ends[1], "x", 1) == 1;
}
