// what: The device of zeros mapped by many processes, whose written pages are shared memory.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: nonzero_exit memory_limit
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const size_t bytes = 128 << 20;
  for (int i = 0; i < 4; ++i) {
    if (fork() != 0) continue;
    char* block =
        mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/zero", O_RDWR), 0);
    if (block == MAP_FAILED) _exit(3);
    memset(block, 1, bytes);
    sleep(1);
    puts("ESCAPED: twice the limit is taken");
    fflush(stdout);
    _exit(0);
  }
  int status = 0, worst = 0;
  while (wait(&status) > 0) worst |= status;
  return worst != 0;
}
