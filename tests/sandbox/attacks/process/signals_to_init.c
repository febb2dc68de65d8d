// what: Sends init every signal there is, with and without a value.
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  for (int round = 0; round < 10; ++round) {
    for (int number = 1; number <= 64; ++number) {
      kill(1, number);
      syscall(SYS_tgkill, 1, 1, number);
      syscall(SYS_tkill, 1, number);
      const union sigval value = {number};
      sigqueue(1, number, value);
    }
  }
  puts("contained");
}
