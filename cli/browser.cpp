#include "cli/browser.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace reckon::cli {

Browser::Browser(std::string address) : address_(std::move(address)) {
  std::string program = "xdg-open";
  std::string place = address_;
  char* const words[] = {program.data(), place.data(), nullptr};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_init(&files);
  // What ends this program, such as Ctrl-C, must not end a browser that began here; nor may the
  // browser talk where the program does.
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  for (int fd = 0; fd <= 2; ++fd) {
    ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  const int failure =
      ::posix_spawnp(&opener_, program.c_str(), &files, &attributes, words, ::environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  if (failure == 0) return;
  opener_ = -1;
  complain();
}

void Browser::look() {
  int status = 0;
  if (opener_ < 0 || ::waitpid(opener_, &status, WNOHANG) == 0) return;
  opener_ = -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) complain();
}

void Browser::complain() const {
  fmt::print(stderr, "reckon: no browser could be started here: open {} by hand\n", address_);
}

}  // namespace reckon::cli
