// what: Leaves by changing its root and walking up.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  mkdir("/box/root", 0700);
  const int top = open("/", O_RDONLY | O_DIRECTORY);
  if (chroot("/box/root") == 0) puts("ESCAPED: chroot");
  if (fchdir(top) != 0) return 3;
  for (int i = 0; i < 100; ++i) {
    if (chdir("..") != 0) return 4;
  }
  if (open(&"@CANARY@"[1], O_RDONLY) >= 0) puts("ESCAPED: the canary by a relative path");
  if (openat(top, "../../../../@CANARY@", O_RDONLY) >= 0) puts("ESCAPED: the canary by openat");
  puts("contained");
}
