// what: Renames the machine.
// outcome: ok denied
// stdout_not: ESCAPED
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
  if (sethostname("reckon_attack", 13) == 0) puts("ESCAPED: sethostname");
  if (setdomainname("reckon_attack", 13) == 0) puts("ESCAPED: setdomainname");
}
