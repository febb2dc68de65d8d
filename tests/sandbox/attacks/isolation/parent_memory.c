// what: Reads the memory of its parent.
// outcome: denied
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
  static char bytes[4096];
  struct iovec here = {bytes, sizeof bytes}, there = {(void*)0x400000, sizeof bytes};
  if (process_vm_readv(getppid() ? getppid() : 1, &here, 1, &there, 1, 0) > 0) {
    puts("ESCAPED: memory of the parent");
  }
}
