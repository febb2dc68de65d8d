// what: Finds out who and where it is.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void) {
  struct utsname name;
  uname(&name);
  if (strcmp(name.nodename, "sandbox") != 0) printf("ESCAPED: on host %s\n", name.nodename);
  uid_t real, effective, saved;
  getresuid(&real, &effective, &saved);
  if (real != 65534 || effective != 65534 || saved != 65534) printf("ESCAPED: user %d\n", real);
  gid_t groups[100];
  const int count = getgroups(100, groups);
  for (int i = 0; i < count; ++i) {
    if (groups[i] != 65534) printf("ESCAPED: in group %d\n", groups[i]);
  }
  if (getgid() != 65534) printf("ESCAPED: in group %d\n", getgid());
  if (getppid() > 1 || getpid() > 1000) printf("ESCAPED: process %d of %d\n", getpid(), getppid());
  char folder[4096];
  if (!getcwd(folder, sizeof folder) || strcmp(folder, "/box") != 0) printf("ESCAPED: in %s\n", folder);
  puts("contained");
}
