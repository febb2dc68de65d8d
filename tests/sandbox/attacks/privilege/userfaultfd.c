// what: Handles its own page faults, a tool of many exploits.
// outcome: denied
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  if (syscall(SYS_userfaultfd, 1) >= 0) puts("ESCAPED: userfaultfd");
}
