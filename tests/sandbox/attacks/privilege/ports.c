// what: Speaks to devices by their ports.
// outcome: denied
#include <stdio.h>
#include <sys/io.h>

int main(void) {
  if (iopl(3) == 0) puts("ESCAPED: ports");
}
