// what: Shrinks the limits of init and its parent so that the supervisor fails.
// outcome: ok denied
// stdout_not: ESCAPED
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  const struct rlimit none = {0, 0};
  for (int kind = 0; kind < 16; ++kind) {
    if (syscall(SYS_prlimit64, 1, kind, &none, 0) == 0) puts("ESCAPED: limits of init");
    if (syscall(SYS_prlimit64, 1L << 32 | 1, kind, &none, 0) == 0) puts("ESCAPED: by a high bit");
  }
}
