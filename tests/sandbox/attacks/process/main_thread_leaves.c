// what: The main thread ends alone while another thread keeps the process busy.
// options: --time 0.7
// outcome: time_limit
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static void* wait_on(void* argument) {
  for (;;) pause();
  return argument;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, wait_on, 0);
  syscall(SYS_exit, 0);
}
