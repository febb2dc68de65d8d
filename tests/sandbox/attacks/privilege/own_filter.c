// what: Installs a filter of its own that would answer in the kernel's place.
// outcome: ok denied
// stdout_not: ESCAPED
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, 0x7fff0000};
  struct sock_fprog program = {1, &allow};
  if (syscall(SYS_seccomp, 1, 8, &program) >= 0) puts("ESCAPED: a listener");
  if (syscall(SYS_seccomp, 1, 0, &program) == 0) puts("ESCAPED: a filter by seccomp");
  if (prctl(PR_SET_SECCOMP, 2, &program, 0, 0) == 0) puts("ESCAPED: a filter by prctl");
}
