// what: Looks for a million files that are not there, which the kernel remembers.
// options: --memory 32M --cpu 1
// outcome: ok cpu_limit memory_limit
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  char name[64];
  for (int i = 0; i < 1000000; ++i) {
    snprintf(name, sizeof name, "/usr/lib/missing-%d", i);
    access(name, F_OK);
  }
}
