// what: Sends sockets through themselves and closes them, so that only messages hold them.
// options: --memory 48M --cpu 4
// outcome: ok memory_limit
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_both(const int* ends) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  char byte = 0;
  struct iovec part = {&byte, 1};
  struct msghdr message = {0};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  memcpy(CMSG_DATA(header), ends, 2 * sizeof(int));
  sendmsg(ends[0], &message, MSG_DONTWAIT);
}

int main(void) {
  for (int i = 0; i < 20000; ++i) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) break;
    send_both(ends);
    close(ends[0]);
    close(ends[1]);
  }
  puts("contained");
}
