// what: Makes the root writable and takes its covers away.
// outcome: denied
#include <stdio.h>
#include <sys/mount.h>

int main(void) {
  if (mount(0, "/", 0, MS_REMOUNT | MS_BIND, 0) == 0) puts("ESCAPED: a writable root");
}
