// what: Reads a large input to its end.
// input_bytes: 8000000
// outcome: ok
// stdout: 8000000\n
#include <stdio.h>

int main(void) {
  long count = 0;
  while (getchar() != EOF) ++count;
  printf("%ld\n", count);
}
