// what: Becomes another user or group.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <unistd.h>

int main(void) {
  const gid_t group = 0;
  if (setuid(0) == 0 || seteuid(0) == 0 || setreuid(0, 0) == 0 || setresuid(0, 0, 0) == 0) {
    puts("ESCAPED: root");
  }
  if (setgid(0) == 0 || setegid(0) == 0 || setregid(0, 0) == 0 || setresgid(0, 0, 0) == 0) {
    puts("ESCAPED: root's group");
  }
  if (setgroups(1, &group) == 0) puts("ESCAPED: setgroups");
  setfsuid(0);
  if (setfsuid(-1) == 0) puts("ESCAPED: setfsuid");
  puts("contained");
}
