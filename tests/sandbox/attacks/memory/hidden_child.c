// what: The child of a thread whose main thread has ended takes the memory.
// options: --memory 64M --cpu 4
// outcome: memory_limit
// rlimit_outcome: memory_limit nonzero_exit
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void* start(void* argument) {
  usleep(20000);
  if (fork() == 0) {
    for (int i = 0; i < 60; ++i) {
      char* block = malloc(10 << 20);
      if (!block) _exit(3);
      memset(block, 1, 10 << 20);
      usleep(5000);
    }
    puts("ESCAPED: 600 MiB are taken");
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  _exit(3);
  return argument;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, start, 0);
  syscall(SYS_exit, 0);
}
