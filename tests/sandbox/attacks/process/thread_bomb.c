// what: Starts threads until it is refused.
// options: --processes 16
// outcome: process_limit
// rlimit_outcome: process_limit nonzero_exit
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void* wait_on(void* argument) {
  pause();
  return argument;
}

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 65536);
  for (int i = 0; i < 2000; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, wait_on, 0) != 0) return 3;
  }
  puts("ESCAPED: 2000 threads");
}
