// what: Every use of prctl that could loosen something or disturb the supervisor.
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  static const struct {
    const char* name;
    long arguments[4];
  } uses[] = {{"no_new_privs off", {PR_SET_NO_NEW_PRIVS, 0}},
              {"keepcaps", {PR_SET_KEEPCAPS, 1}},
              {"securebits", {PR_SET_SECUREBITS, 0x2f}},
              {"ambient", {47, 2, 21}},
              {"mm", {PR_SET_MM, 8, 0x10000}},
              {"tracer", {0x59616d61, -1}},
              {"task perf", {PR_TASK_PERF_EVENTS_ENABLE, 0}},
              {"mce kill", {PR_MCE_KILL, 1, 1}},
              {"io flusher", {57, 1}},
              {"tagged no_new_privs", {PR_SET_NO_NEW_PRIVS | 1L << 33, 0}}};
  setvbuf(stdout, 0, _IONBF, 0);
  for (unsigned i = 0; i < sizeof uses / sizeof *uses; ++i) {
    if (fork() == 0) {
      const long* a = uses[i].arguments;
      if (syscall(SYS_prctl, a[0], a[1], a[2], a[3], 0) == 0) printf("ESCAPED: %s\n", uses[i].name);
      _exit(0);
    }
    wait(0);
  }
  puts("contained");
}
