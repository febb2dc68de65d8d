// what: Asks for a user namespace, where it would have all capabilities.
// outcome: denied
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

int main(void) {
  if (unshare(CLONE_NEWUSER) == 0) puts("ESCAPED: a user namespace");
}
