// what: Folders within folders, 5,000 deep: too deep for a path and for recursion.
// options: --cpu 4
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 5000; ++i) {
    if (mkdir("folder", 0700) != 0 || chdir("folder") != 0) break;
  }
  puts("contained");
}
