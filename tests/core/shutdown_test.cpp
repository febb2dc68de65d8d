#include "core/shutdown.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace {

// The status of a child that installs the handlers and then sends itself these signals. It ends
// with 7 if a shutdown was asked for and with 8 if not.
int status_after(std::initializer_list<int> signals) {
  const pid_t child = ::fork();
  if (child == 0) {
    reckon::install_shutdown_handlers();
    for (const int signal : signals) ::raise(signal);
    ::_exit(reckon::shutdown_requested() ? 7 : 8);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a first signal asks for a shutdown, a second SIGINT ends the process at once") {
  CHECK(status_after({}) == 8);
  CHECK(status_after({SIGINT}) == 7);
  CHECK(status_after({SIGTERM}) == 7);
  CHECK(status_after({SIGTERM, SIGTERM}) == 7);
  CHECK(status_after({SIGTERM, SIGINT}) == 7);
  CHECK(status_after({SIGINT, SIGINT}) == 130);
}

TEST_CASE("a request is seen until it is cleared") {
  CHECK_FALSE(reckon::shutdown_requested());
  reckon::request_shutdown();
  CHECK(reckon::shutdown_requested());
  reckon::clear_shutdown_request();
  CHECK_FALSE(reckon::shutdown_requested());
}
