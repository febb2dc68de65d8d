// what: A shared mapping without a file, filled by a child.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: nonzero_exit memory_limit
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const size_t bytes = (size_t)1 << 30;
  char* shared = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 3;
  if (fork() == 0) {
    memset(shared, 1, bytes);
    puts("ESCAPED: a gigabyte is taken");
    return 0;
  }
  wait(0);
}
