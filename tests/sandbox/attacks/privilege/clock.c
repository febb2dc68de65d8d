// what: Sets the clock of the machine to what it is.
// outcome: denied
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

int main(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (clock_settime(CLOCK_REALTIME, &now) == 0) puts("ESCAPED: set the clock");
}
