// what: Takes a mount away to see what lies beneath.
// outcome: denied
#include <stdio.h>
#include <sys/mount.h>

int main(void) {
  if (umount2("/box", MNT_DETACH) == 0) puts("ESCAPED: unmounted");
}
