// what: Sockets and pairs of every address family but the one that stays inside.
// outcome: ok
// stdout: contained\n
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  static const int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_RDM};
  setvbuf(stdout, 0, _IONBF, 0);
  for (int family = 0; family < 64; ++family) {
    if (family == AF_UNIX) continue;
    if (fork() == 0) {
      for (int i = 0; i < 5; ++i) {
        int ends[2];
        if (socket(family, kinds[i], 0) >= 0) printf("ESCAPED: socket of family %d\n", family);
        if (socketpair(family, kinds[i], 0, ends) == 0) printf("ESCAPED: pair of %d\n", family);
      }
      _exit(0);
    }
    wait(0);
  }
  puts("contained");
}
