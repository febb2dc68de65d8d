// what: NUL bytes in the middle of a line, after which the line goes on.
// outcome: ok
// stdout_has: after
#include <unistd.h>

int main(void) {
  static const char text[] = "before\0\0\0after\n";
  return write(1, text, sizeof text - 1) < 0;
}
