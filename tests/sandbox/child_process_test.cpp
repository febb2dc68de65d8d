#include "sandbox/child_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "sandbox/bubblewrap.h"
#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::sandbox;

namespace {

// What a shell script prints when it is started with these options.
std::string said(ChildOptions options, const std::string& script) {
  const UniqueFd out = memory_file("");
  options.argv = {"sh", "-c", script};
  options.output = out.get();
  const int status = ChildProcess(options).wait();
  CHECK(status == 0);
  std::string text(static_cast<size_t>(::lseek(out.get(), 0, SEEK_END)), '\0');
  CHECK(::pread(out.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return text;
}

}  // namespace

TEST_CASE("a missing program throws and leaves neither a child nor a descriptor") {
  const int before = tests::open_descriptors();
  ChildOptions options;
  options.argv = {"/nowhere/program"};
  CHECK_THROWS_AS(ChildProcess{options}, Error);
  options.argv = {"no-such-program-in-the-path"};
  CHECK_THROWS_AS(ChildProcess{options}, Error);
  options.argv = {"/etc/passwd"};  // not executable
  CHECK_THROWS_AS(ChildProcess{options}, Error);
  CHECK(tests::open_descriptors() == before);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a child has the environment and the folder it is given") {
  ChildOptions options;
  options.environment = {"A=1", "PATH=/usr/bin:/bin"};
  options.folder = "/usr";
  CHECK(said(options, "echo $A $HOME; pwd") == "1\n/usr\n");
}

TEST_CASE("a child has its standard descriptors, those it inherits, and no gap between them") {
  const UniqueFd one = memory_file("one"), gap = memory_file("gap"), two = memory_file("two");
  ChildOptions options;
  options.inherited = {one.get(), two.get()};
  options.environment = {"PATH=/usr/bin:/bin"};
  const std::string test = "for f in " + std::to_string(one.get()) + " " +
                           std::to_string(gap.get()) + " " + std::to_string(two.get()) +
                           "; do [ -e /proc/self/fd/$f ] && echo yes || echo no; done";
  CHECK(said(options, test) == "yes\nno\nyes\n");
}

TEST_CASE("killing a child kills its group, and its descriptor tells of its end") {
  ChildOptions options;
  options.argv = {"sh", "-c", "sleep 600 & sleep 600"};
  ChildProcess child(options);
  pollfd watched = {child.pidfd(), POLLIN, 0};
  CHECK(::poll(&watched, 1, 0) == 0);
  child.kill();
  CHECK(::poll(&watched, 1, 5000) == 1);
  const int status = child.wait();
  CHECK(WIFSIGNALED(status));
  CHECK_FALSE(child.running());
}

TEST_CASE("a child that is let go of is killed and reaped") {
  pid_t pid = -1;
  {
    ChildOptions options;
    options.argv = {"sleep", "600"};
    ChildProcess child(options);
    pid = child.pid();
    ChildProcess moved = std::move(child);
    CHECK(moved.pid() == pid);
  }
  CHECK(::kill(pid, 0) == -1);
}
