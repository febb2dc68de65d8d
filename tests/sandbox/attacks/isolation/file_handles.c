// what: Opens files by handles, which need no path.
// outcome: denied
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  struct file_handle* handle = calloc(1, sizeof *handle + 128);
  handle->handle_bytes = 8;
  handle->handle_type = 1;
  handle->f_handle[0] = 2;
  const int top = open("/", O_RDONLY);
  if (open_by_handle_at(top, handle, O_RDONLY) >= 0) puts("ESCAPED: a file by its handle");
}
