// what: Looks for the host's boot, users and load, where only harmless numbers should stand.
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <utmpx.h>
#include <unistd.h>

int main(void) {
  if (getutxent()) puts("ESCAPED: users who are logged in");
  if (gethostid() != 0 && access("/etc/hostid", R_OK) == 0) puts("ESCAPED: the host's number");
  if (access("/sys/class/dmi/id/product_uuid", F_OK) == 0) puts("ESCAPED: the machine's number");
  if (ttyname(0)) puts("ESCAPED: a terminal");
  puts("contained");
}
