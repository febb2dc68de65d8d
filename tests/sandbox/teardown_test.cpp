#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "tests/sandbox/command.h"
#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::tests;
using namespace std::chrono_literals;

namespace {

bool within(std::chrono::seconds time, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

// Starts children that carry `mark` and never end by themselves.
std::string starting_marked(const std::string& mark) {
  return "import subprocess, time\nfor i in range(3):\n"
         "  subprocess.Popen(['/usr/bin/python3', '-c', 'import signal, time; "
         "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)', '" +
         mark + "'], start_new_session=True)\ntime.sleep(600)\n";
}

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("everything dies with a judge that is killed, and its groups go with the next judge") {
  if (shared_sandbox(Backend::groups) == nullptr) return;
  const std::string mark = fmt::format("reckon-orphan-{}", ::getpid());
  const SourceFile source(".py", starting_marked(mark));
  auto command = start_command({"--time", "60", source.path()});
  const pid_t pid = command.pid();
  REQUIRE(within(20s, [&] { return is_running(mark); }));
  ::kill(pid, SIGKILL);
  command.wait();
  CHECK(within(10s, [&] { return !is_running(mark); }));
  const SourceFile next(".py", "print(1)");
  CHECK(run_command({next.path()}).status == 0);
  CHECK(groups_of(pid).empty());
}

TEST_CASE("a run that is ended by a limit leaves no process and no group") {
  if (shared_sandbox(Backend::groups) == nullptr) return;
  const std::string mark = fmt::format("reckon-late-{}", ::getpid());
  const SourceFile source(".py", starting_marked(mark));
  auto command = start_command({"--time", "1", source.path()});
  const pid_t pid = command.pid();
  REQUIRE(within(20s, [&] { return is_running(mark); }));
  command.wait();
  CHECK_FALSE(is_running(mark));
  CHECK(groups_of(pid).empty());
}

TEST_CASE("a sandbox takes its groups with it") {
  sandbox::SandboxOptions options;
  options.slots = 2;
  if (shared_sandbox(Backend::groups) == nullptr) return;
  const size_t before = groups_of(::getpid()).size();
  {
    const auto sandbox = sandbox::make_sandbox(options);
    std::string why;
    const auto one = sandbox->open({}, why);
    const auto two = sandbox->open({}, why);
    CHECK(one != nullptr);
    CHECK(two != nullptr);
  }
  CHECK(groups_of(::getpid()).size() == before);
}

TEST_SUITE_END();
