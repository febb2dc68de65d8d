// what: Mounts a file system over its own folder.
// outcome: denied
#include <stdio.h>
#include <sys/mount.h>

int main(void) {
  if (mount("none", "/box", "tmpfs", 0, "") == 0) puts("ESCAPED: a mount");
}
