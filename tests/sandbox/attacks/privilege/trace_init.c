// what: Attaches to init with ptrace.
// outcome: denied
#include <stdio.h>
#include <sys/ptrace.h>

int main(void) {
  if (ptrace(PTRACE_ATTACH, 1, 0, 0) == 0) puts("ESCAPED: traces init");
  if (ptrace(PTRACE_SEIZE, 1, 0, 0) == 0) puts("ESCAPED: seizes init");
}
