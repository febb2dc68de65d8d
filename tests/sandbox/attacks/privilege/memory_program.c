// what: Runs a program from memory that has the bits of another user.
// outcome: ok
// rlimit_outcome: ok nonzero_exit
// stdout_not: ESCAPED
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern char** environ;

int main(int count, char** words) {
  if (count > 1) {
    if (geteuid() != 65534) puts("ESCAPED: another user");
    return 0;
  }
  const int memory = memfd_create("program", MFD_CLOEXEC), self = open(words[0], O_RDONLY);
  static char bytes[1 << 16];
  ssize_t got;
  while ((got = read(self, bytes, sizeof bytes)) > 0) {
    if (write(memory, bytes, (size_t)got) != got) return 3;
  }
  fchmod(memory, 06777);
  char* const arguments[] = {words[0], "again", 0};
  fexecve(memory, arguments, environ);
  return 0;
}
