// what: Asks to be traced, which turns every later exec into a stop.
// outcome: denied
#include <stdio.h>
#include <sys/ptrace.h>

int main(void) {
  if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0) puts("ESCAPED: traced");
}
