#include "cli/watch_child.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "core/files.h"
#include "core/progress.h"
#include "tests/watch/http_client.h"

using namespace reckon;
using namespace reckon::cli;

namespace {

// A home without settings and a path without programs, for as long as it lives.
class BareUser {
 public:
  BareUser() {
    ::setenv("HOME", folder_.path().c_str(), 1);
    ::setenv("PATH", folder_.path().c_str(), 1);
  }
  ~BareUser() {
    ::setenv("HOME", home_.c_str(), 1);
    ::setenv("PATH", path_.c_str(), 1);
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  static std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }
  TempFolder folder_;
  std::string home_ = variable("HOME");
  std::string path_ = variable("PATH");
};

int port_of(const std::string& address) {
  return std::stoi(address.substr(address.rfind(':') + 1));
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

// A program that does what the script says.
std::filesystem::path make_program(const std::filesystem::path& folder, const std::string& script) {
  const auto file = folder / "reckon";
  write_file_atomic(file, "#!/bin/sh\n" + script + "\n");
  ::chmod(file.c_str(), 0755);
  return file;
}

}  // namespace

TEST_SUITE_BEGIN("e2e");

TEST_CASE("the page of a run is served while the object lives, without a browser, and then gone") {
  const BareUser user;
  write_file_atomic(user.folder() / "status.json", R"({"state": "running"})");
  pid_t pid = -1;
  int port = 0;
  {
    const WatchChild page(user.folder(), RECKON_PROGRAM);
    pid = page.pid();
    REQUIRE(page.address().starts_with("http://127.0.0.1:"));
    port = port_of(page.address());
    const std::string answer = watch::http_get(port, "/api/runs");
    CHECK(watch::http_status(answer) == 200);
    CHECK(answer.find("\"running\"") != std::string::npos);
  }
  CHECK(is_gone(pid));
  CHECK_THROWS_AS(watch::http_get(port, "/api/runs"), Error);
}

TEST_CASE("a page that cannot be shown is no failure") {
  const BareUser user;
  const WatchChild missing(user.folder(), "/nowhere/reckon");
  CHECK(missing.address().empty());
  CHECK(missing.pid() == -1);
  const WatchChild broken(user.folder(), make_program(user.folder(), "exit 3"));
  CHECK(broken.address().empty());
}

TEST_CASE("a page that does not end when it is asked to is killed") {
  const BareUser user;
  const auto program = make_program(
      user.folder(), "trap '' TERM; echo http://127.0.0.1:1/; while :; do /bin/sleep 1; done");
  const double start = steady_seconds();
  pid_t pid = -1;
  {
    const WatchChild page(user.folder(), program);
    CHECK(page.address() == "http://127.0.0.1:1/");
    pid = page.pid();
  }
  CHECK(is_gone(pid));
  CHECK(steady_seconds() - start < 10.0);
}

TEST_SUITE_END();
