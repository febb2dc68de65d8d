// what: Looks for capabilities in every set and asks for all.
// outcome: ok
// stdout: contained\n
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) == 0) {
    for (int i = 0; i < 2; ++i) {
      if (data[i].effective || data[i].permitted || data[i].inheritable) puts("ESCAPED: capabilities");
    }
  }
  memset(data, 255, sizeof data);
  header.pid = 0;
  if (syscall(SYS_capset, &header, data) == 0) puts("ESCAPED: capset");
  for (int i = 0; i < 41; ++i) {
    if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1) printf("ESCAPED: capability %d is within reach\n", i);
  }
  puts("contained");
}
