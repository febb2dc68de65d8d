// what: Takes the processor for itself: real-time classes, better priority, other cores.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  const struct sched_param first = {1};
  if (sched_setscheduler(0, SCHED_FIFO, &first) == 0) puts("ESCAPED: SCHED_FIFO");
  if (sched_setscheduler(0, SCHED_RR, &first) == 0) puts("ESCAPED: SCHED_RR");
  if (setpriority(PRIO_PROCESS, 0, -10) == 0) puts("ESCAPED: priority");
  if (nice(-5) != -1) puts("ESCAPED: nice");
  if (syscall(SYS_ioprio_set, 1, 0, 1 << 13) == 0) puts("ESCAPED: disk priority");
  unsigned attributes[12] = {48, 6};
  if (syscall(SYS_sched_setattr, 0, attributes, 0) == 0) puts("ESCAPED: deadline class");
  puts("contained");
}
