// what: Loads programs into the kernel.
// outcome: denied
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  static char attributes[128] = {1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4};
  if (syscall(SYS_bpf, 0, attributes, sizeof attributes) >= 0) puts("ESCAPED: bpf");
}
