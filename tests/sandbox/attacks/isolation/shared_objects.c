// what: Makes objects of System V and POSIX that would outlive it.
// outcome: ok
// stdout: contained\n
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

int main(void) {
  if (shmget(4242, 1 << 20, IPC_CREAT | 0666) >= 0) puts("ESCAPED: shmget");
  if (msgget(4242, IPC_CREAT | 0666) >= 0) puts("ESCAPED: msgget");
  if (semget(4242, 4, IPC_CREAT | 0666) >= 0) puts("ESCAPED: semget");
  if (mq_open("/reckon_attack", O_CREAT | O_RDWR, 0666, 0) >= 0) puts("ESCAPED: mq_open");
  if (shm_open("/reckon_attack", O_CREAT | O_RDWR, 0666) >= 0 && access("/box/reckon_attack", F_OK)) {
    puts("ESCAPED: shared memory outside of the writable folder");
  }
  puts("contained");
}
