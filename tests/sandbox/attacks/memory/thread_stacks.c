// what: Threads whose large stacks are touched to their ends.
// options: --memory 64M --processes 32 --cpu 4
// outcome: memory_limit
// rlimit_outcome: nonzero_exit memory_limit signal
#include <pthread.h>
#include <unistd.h>

static void* touch(void* argument) {
  volatile char frame[6 << 20];
  for (unsigned i = 0; i < sizeof frame; i += 4096) frame[i] = 1;
  sleep(1);
  return argument;
}

int main(void) {
  pthread_t threads[24];
  for (int i = 0; i < 24; ++i) {
    if (pthread_create(&threads[i], 0, touch, 0) != 0) return 3;
  }
  for (int i = 0; i < 24; ++i) pthread_join(threads[i], 0);
}
