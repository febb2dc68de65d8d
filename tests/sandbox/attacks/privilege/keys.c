// what: Puts a key into the kernel's key ring, where it would outlive the program.
// outcome: denied
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  if (syscall(SYS_add_key, "user", "reckon_attack", "x", 1, -4) > 0) puts("ESCAPED: add_key");
}
