#include "tests/sandbox/command.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/sandbox/programs.h"

using namespace reckon::tests;
using nlohmann::json;

namespace {

bool skipped() { return shared_sandbox(Backend::groups) == nullptr; }

json outcome_of(const CommandResult& result) {
  CAPTURE(result.err);
  REQUIRE(result.status == 0);
  REQUIRE_FALSE(result.out.empty());
  CHECK(result.out.find('\n') == result.out.size() - 1);
  return json::parse(result.out);
}

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("the command prints one JSON object with all its keys") {
  if (skipped()) return;
  const SourceFile source(".py", "import sys\nprint(input())\nsys.exit(3)\n");
  const json outcome = outcome_of(run_command({source.path()}, "hello\n"));
  std::set<std::string> keys;
  for (const auto& [key, value] : outcome.items()) keys.insert(key);
  for (const char* key :
       {"outcome", "exit_code", "signal", "cpu_s", "wall_s", "peak_memory_bytes", "peak_processes",
        "stdout", "stderr", "truncated", "backend", "layers", "inferred"}) {
    CAPTURE(key);
    CHECK(keys.count(key) == 1);
  }
  CHECK(outcome["outcome"] == "nonzero_exit");
  CHECK(outcome["exit_code"] == 3);
  CHECK(outcome["signal"].is_null());
  CHECK(outcome["stdout"] == "hello\n");
}

TEST_CASE("standard input that never ends holds nothing up") {
  if (skipped()) return;
  const SourceFile source(".py", "print(1)");
  const int zeros = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  CHECK(start_command({source.path()}, zeros).wait() == 0);
  ::close(zeros);
  const SourceFile reader(".py", "import sys; print(len(sys.stdin.read()))");
  const std::string much(3 << 20, 'y');
  CHECK(outcome_of(run_command({reader.path()}, much))["stdout"] == "3145728\n");
}

TEST_CASE("the command's flags set the limits") {
  if (skipped()) return;
  const SourceFile loop(".py", "while True: pass");
  CHECK(outcome_of(run_command({"--cpu", "0.3", loop.path()}))["outcome"] == "cpu_limit");
  const SourceFile sleep(".sh", "sleep 60");
  const json late = outcome_of(run_command({"--time", "0.3", sleep.path()}));
  CHECK(late["outcome"] == "time_limit");
  CHECK(late["exit_code"].is_null());
  const SourceFile memory(".py", "x = b'x' * (80 << 20)");
  CHECK(outcome_of(run_command({"--memory", "64M", memory.path()}))["outcome"] == "memory_limit");
  CHECK(outcome_of(run_command({"--memory", "1G", memory.path()}))["outcome"] == "ok");
  const SourceFile talk(".py", "print('x' * 3000)");
  const json cut = outcome_of(run_command({"--output", "2K", talk.path()}));
  CHECK(cut["outcome"] == "output_limit");
  CHECK(cut["stdout"].get<std::string>().size() == 2048);
  const SourceFile disk(".py", "open('a', 'wb').write(b'x' * (3 << 20))");
  CHECK(outcome_of(run_command({"--disk", "2M", disk.path()}))["outcome"] == "nonzero_exit");
  CHECK(outcome_of(run_command({"--disk", "4M", disk.path()}))["outcome"] == "ok");
  const SourceFile files(".py", "f = [open('/dev/null') for i in range(40)]");
  CHECK(outcome_of(run_command({"--open-files", "32", files.path()}))["outcome"] == "nonzero_exit");
  CHECK(outcome_of(run_command({"--open-files", "64", files.path()}))["outcome"] == "ok");
  const SourceFile forks(".py",
                         "import os, time\nfor i in range(6):\n  if os.fork() == 0:\n"
                         "    time.sleep(0.5); os._exit(0)\n");
  CHECK(outcome_of(run_command({"--processes", "4", forks.path()}))["outcome"] == "process_limit");
}

TEST_CASE("outputs that are not UTF-8 are replaced, not fatal") {
  if (skipped()) return;
  const SourceFile source(".py", "import os; os.write(1, bytes(range(256)))");
  const json outcome = outcome_of(run_command({source.path()}));
  CHECK(outcome["outcome"] == "ok");
  CHECK(outcome["stdout"].get<std::string>().find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("wrong usage ends with status 2 and prints no outcome") {
  const SourceFile source(".xyz", "print(1)");
  const SourceFile python(".py", "print(1)");
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {source.path()},
                                                {"--language", "ruby", source.path()},
                                                {"/nowhere/a.py"},
                                                {"--memory", "much", python.path()},
                                                {"--memory", "0", python.path()},
                                                {"--memory", "9999999999999G", python.path()},
                                                {"--cpu", "-1", python.path()},
                                                {"--processes", "0", python.path()},
                                                {"--require", "nothing", python.path()},
                                                {"--unknown", python.path()}}) {
    const CommandResult result = run_command(words);
    CAPTURE(result.err);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
  }
}

TEST_CASE("a machine without bubblewrap runs nothing unless best_effort is asked for") {
  const SourceFile source(".py", "print(1)");
  const std::vector<std::string> environment = {"PATH=/nowhere"};
  const CommandResult refused = run_command({source.path()}, "", 0, environment);
  CHECK(refused.status == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err.find("best_effort") != std::string::npos);
  const CommandResult insisted =
      run_command({"--require", "best_effort", source.path()}, "", 0, environment);
  const json outcome = outcome_of(insisted);
  CHECK(outcome["outcome"] == "ok");
  CHECK(outcome["stdout"] == "1\n");
  CHECK(outcome["layers"] == "init");
  CHECK(insisted.err.find("runs without namespaces") != std::string::npos);
}

TEST_CASE("the check names every layer") {
  const CommandResult result = run_command({"--check"});
  for (const char* name :
       {"namespaces", "read-only root", "seccomp", "reckon-init", "rlimits", "control groups"}) {
    CAPTURE(name);
    CHECK(result.out.find(name) != std::string::npos);
  }
}

TEST_CASE("an ordinary user gets the same outcomes") {
  if (skipped()) return;
  constexpr uint32_t kSomebody = 61001;
  const uint32_t user = ::geteuid() == 0 ? kSomebody : 0;
  const SourceFile probe(".py", "import os; print(os.getuid())");
  CommandResult first;
  try {
    first = run_command({probe.path()}, "", user);
  } catch (const std::exception& error) {
    MESSAGE("skipped: this build is closed to other users: ", error.what());
    return;
  }
  CHECK(outcome_of(first)["stdout"] == "65534\n");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ok", "print(1)"},
      {"nonzero_exit", "import sys; sys.exit(9)"},
      {"signal", "import os; os.kill(os.getpid(), 11)"},
      {"cpu_limit", "while True: pass"},
      {"memory_limit",
       "import os, time\nfor i in range(8):\n  if os.fork() == 0:\n"
       "    x = b'x' * (40 << 20); time.sleep(5); os._exit(0)\n"
       "for i in range(8): os.wait()"},
      {"memory_limit", "x = b'x' * (8 << 30)"},
      {"output_limit", "while True: print('x' * 1000)"},
      {"process_limit",
       "import os, time\nfor i in range(100):\n  if os.fork() == 0:\n"
       "    time.sleep(3); os._exit(0)"},
      {"denied", "import ctypes; ctypes.CDLL(None).ptrace(16, 1, 0, 0)"}};
  for (const auto& [kind, text] : cases) {
    const SourceFile source(".py", text);
    const json outcome = outcome_of(
        run_command({"--cpu", "0.5", "--time", "8", "--memory", "128M", source.path()}, "", user));
    CAPTURE(text);
    CHECK(outcome["outcome"] == kind);
  }
  const SourceFile broken(".cpp", "int main( {");
  CHECK(outcome_of(run_command({broken.path()}, "", user))["outcome"] == "compile_error");
}

TEST_SUITE_END();
