// what: Recursion without end, which fills the stack.
// options: --memory 256M
// outcome: signal
// signal: 11
#include <string.h>

static int deeper(int level) {
  volatile char frame[4096];
  memset((char*)frame, level, sizeof frame);
  return level < 0 ? frame[0] : deeper(level + 1) + frame[1];
}

int main(int count, char** words) {
  (void)words;
  return deeper(count);
}
