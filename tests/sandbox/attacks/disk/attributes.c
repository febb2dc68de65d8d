// what: Hides data in extended attributes, which no size of the folder counts.
// outcome: ok
// stdout: contained\n
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

static char value[60000];

int main(void) {
  const int fd = open("/box/file", O_CREAT | O_WRONLY, 0600);
  char name[32];
  for (int i = 0; i < 1000; ++i) {
    snprintf(name, sizeof name, "user.%d", i);
    if (setxattr("/box/file", name, value, sizeof value, 0) == 0) puts("ESCAPED: setxattr");
    if (fsetxattr(fd, name, value, sizeof value, 0) == 0) puts("ESCAPED: fsetxattr");
  }
  puts("contained");
}
