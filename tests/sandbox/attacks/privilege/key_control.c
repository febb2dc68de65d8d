// what: Joins the session's key ring.
// outcome: denied
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  if (syscall(SYS_keyctl, 1, 0, 0, 0, 0) > 0) puts("ESCAPED: keyctl");
}
