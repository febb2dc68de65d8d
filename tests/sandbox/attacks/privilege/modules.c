// what: Loads a module into the kernel.
// outcome: denied
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  static char image[64] = "\177ELF";
  if (syscall(SYS_init_module, image, sizeof image, "") == 0) puts("ESCAPED: a module");
}
