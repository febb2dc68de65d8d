// what: As many mappings as the kernel allows, in many processes: memory of the kernel only.
// options: --memory 48M --cpu 5 --time 20
// outcome: memory_limit
// rlimit_outcome: ok memory_limit cpu_limit time_limit
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 10; ++i) {
    if (fork() != 0) continue;
    for (int k = 0; k < 60000; ++k) {
      const int access = k % 2 ? PROT_READ : PROT_NONE;
      if (mmap(0, 4096, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) break;
    }
    sleep(2);
    _exit(0);
  }
  while (wait(0) > 0) {
  }
}
