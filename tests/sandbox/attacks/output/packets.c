// what: Turns the pipe into one of packets, so that each read gets one byte.
// options: --cpu 2
// outcome: ok
// stdout_bytes: 5000
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void) {
  fcntl(1, F_SETFL, O_DIRECT);
  for (int i = 0; i < 5000; ++i) {
    if (write(1, "x", 1) != 1) return 3;
  }
}
