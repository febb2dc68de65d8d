// what: Reads from its outputs and writes to its input.
// outcome: ok
// stdin: secret input
// stdout: contained\n
#include <stdio.h>
#include <unistd.h>

int main(void) {
  char bytes[16];
  if (read(1, bytes, sizeof bytes) > 0 || read(2, bytes, sizeof bytes) > 0) puts("ESCAPED: read");
  if (write(0, "forged", 6) > 0) puts("ESCAPED: write");
  if (lseek(0, 0, SEEK_SET) == 0 || lseek(1, 0, SEEK_SET) == 0) puts("ESCAPED: a file");
  puts("contained");
}
