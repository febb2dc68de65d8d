// what: Eight threads burn the CPU at once.
// options: --cpu 0.5 --time 10
// outcome: cpu_limit
#include <pthread.h>

static void* burn(void* argument) {
  for (volatile unsigned i = 0;; ++i) {
  }
  return argument;
}

int main(void) {
  pthread_t thread;
  for (int i = 0; i < 8; ++i) pthread_create(&thread, 0, burn, 0);
  burn(0);
}
