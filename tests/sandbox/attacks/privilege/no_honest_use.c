// what: Every system call that no honest program makes; each must end the process that makes it.
// options: --cpu 3
// outcome: ok
// stdout: contained\n
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
  const char* name;
  long number;
};
#define CALL(name) {#name, SYS_##name}

static const struct call calls[] = {
    CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(kcmp), CALL(mount),
    CALL(umount2), CALL(pivot_root), CALL(move_mount), CALL(fsopen), CALL(fsconfig),
    CALL(fsmount), CALL(fspick), CALL(open_tree), CALL(unshare), CALL(setns), CALL(bpf),
    CALL(perf_event_open), CALL(userfaultfd), CALL(add_key), CALL(request_key), CALL(keyctl),
    CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(kexec_load),
    CALL(kexec_file_load), CALL(reboot), CALL(swapon), CALL(swapoff), CALL(settimeofday),
    CALL(clock_settime), CALL(adjtimex), CALL(clock_adjtime), CALL(acct), CALL(quotactl),
    CALL(iopl), CALL(ioperm), CALL(modify_ldt), CALL(open_by_handle_at), CALL(fanotify_init),
    CALL(fanotify_mark), CALL(syslog), {"pidfd_getfd", 438}, {"mount_setattr", 442}};

int main(void) {
  int status, bad = 0;
  setvbuf(stdout, 0, _IONBF, 0);
  for (unsigned i = 0; i < sizeof calls / sizeof *calls; ++i) {
    if (fork() == 0) {
      // Arguments that no kernel accepts, so that nothing happens even without a filter.
      _exit(syscall(calls[i].number, -1L, -1L, -1L, -1L, -1L, -1L) >= 0);
    }
    wait(&status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) continue;
    printf("%s%s is not refused with SIGSYS\n", WEXITSTATUS(status) ? "ESCAPED: " : "", calls[i].name);
    bad = 1;
  }
  if (!bad) puts("contained");
}
