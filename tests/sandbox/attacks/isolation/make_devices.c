// what: Makes device files of the host's memory, disks and terminals, and opens them.
// outcome: ok
// stdout: contained\n
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(void) {
  static const int devices[][3] = {{S_IFCHR, 1, 1}, {S_IFCHR, 1, 11}, {S_IFBLK, 254, 0},
                                   {S_IFBLK, 8, 0}, {S_IFBLK, 7, 0},  {S_IFCHR, 5, 0},
                                   {S_IFCHR, 10, 229}};
  for (int i = 0; i < 7; ++i) {
    const dev_t device = makedev((unsigned)devices[i][1], (unsigned)devices[i][2]);
    if (mknod("/box/device", (mode_t)devices[i][0] | 0666, device) == 0) {
      printf("ESCAPED: device %d:%d\n", devices[i][1], devices[i][2]);
    }
  }
  static const char* const names[] = {"/dev/mem",  "/dev/kmsg", "/dev/vda", "/dev/tty",
                                      "/dev/ptmx", "/dev/fuse", "/dev/kvm", "/dev/console"};
  for (int i = 0; i < 8; ++i) {
    if (open(names[i], O_RDONLY) >= 0) printf("ESCAPED: %s\n", names[i]);
  }
  puts("contained");
}
