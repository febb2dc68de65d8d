#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "core/error.h"
#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::tests;
using sandbox::Outcome;
using sandbox::OutcomeKind;

namespace {

struct Python {
  std::unique_ptr<sandbox::Box> box;
  sandbox::Run run;
};

// A box that holds `source`, ready for several runs.
Python python_box(const std::string& source, const sandbox::Limits& limits = {}) {
  sandbox::Sandbox* sandbox = shared_sandbox(Backend::groups);
  if (sandbox == nullptr) return {};
  auto prepared = sandbox::prepare(*sandbox, sandbox::Language::python, source);
  std::string why;
  Python python;
  python.box = sandbox->open({prepared.files, limits}, why);
  REQUIRE(python.box != nullptr);
  python.run.argv = prepared.argv;
  python.run.limits = limits;
  return python;
}

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("one box runs a program several times, each time with a clean folder and no survivors") {
  auto python = python_box(
      "import os, time\nprint(os.listdir('/box'), input(), flush=True)\n"
      "if os.fork() == 0:\n  while True:\n    time.sleep(0.01); open('/box/late', 'w')\n"
      "os.mkdir('d')\nfor i in range(300): os.mkdir('d/d'); os.chdir('d'); open('f', 'w').close()\n"
      "os.symlink('/', '/box/l'); os.mkfifo('/box/p'); os.mkdir('/box/locked')\n"
      "open('/box/locked/f', 'w'); os.chmod('/box/locked', 0); os.chmod('/box', 0)\n");
  if (!python.box) return;
  for (int i = 0; i < 4; ++i) {
    python.run.input = std::to_string(i) + "\n";
    const Outcome outcome = python.box->run(python.run);
    CAPTURE(outcome.stderr_bytes);
    CHECK(outcome.outcome == OutcomeKind::ok);
    CHECK(outcome.stdout_bytes == "[] " + std::to_string(i) + "\n");
  }
}

TEST_CASE("a box goes on after a run that broke a limit") {
  auto python =
      python_box("if input() == 'loop':\n  while True: pass\nprint('fine')", short_limits());
  if (!python.box) return;
  for (int i = 0; i < 2; ++i) {
    python.run.input = "loop\n";
    CHECK(python.box->run(python.run).outcome == OutcomeKind::cpu_limit);
    python.run.input = "go\n";
    CHECK(python.box->run(python.run).outcome == OutcomeKind::ok);
  }
}

TEST_CASE("what a program writes to descriptor 3 arrives, up to the limit") {
  auto python = python_box("import os\nn = int(input())\nos.write(3, b'r' * n)\nprint(n)");
  if (!python.box) return;
  python.run.result_limit = 100;
  python.run.input = "100\n";
  Outcome outcome = python.box->run(python.run);
  CHECK(outcome.outcome == OutcomeKind::ok);
  CHECK(outcome.result_bytes == std::string(100, 'r'));
  python.run.input = "101\n";
  outcome = python.box->run(python.run);
  CHECK(outcome.outcome == OutcomeKind::protocol_error);
  CHECK(outcome.result_bytes.size() == 100);
  python.run.result_limit = 0;
  python.run.input = "1\n";
  CHECK(python.box->run(python.run).outcome == OutcomeKind::nonzero_exit);
}

TEST_CASE("a channel is descriptor 4, also without a descriptor 3") {
  auto python = python_box(
      "import ctypes, socket\nf = ctypes.CDLL(None).fcntl\n"
      "print([n for n in range(64) if f(n, 1) >= 0])\n"
      "s = socket.socket(fileno=4)\ns.sendall(s.recv(10)[::-1])");
  if (!python.box) return;
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  REQUIRE(::send(pair[0], "abc", 3, 0) == 3);
  python.run.channel = pair[1];
  const Outcome outcome = python.box->run(python.run);
  CAPTURE(outcome.stderr_bytes);
  CHECK(outcome.stdout_bytes == "[0, 1, 2, 4]\n");
  char answer[4] = {};
  CHECK(::recv(pair[0], answer, 3, MSG_DONTWAIT) == 3);
  CHECK(std::string(answer) == "cba");
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_CASE("a wanted file is collected only if it is a regular file, and never waited for") {
  auto python = python_box(
      "import os\nk = input()\n"
      "if k == 'file': open('w', 'wb').write(b'bytes')\n"
      "if k == 'link': os.symlink('/prog/main.py', 'w')\n"
      "if k == 'fifo': os.mkfifo('w')\n"
      "if k == 'folder': os.mkdir('w')\n"
      "if k == 'huge': os.truncate(os.open('w', os.O_CREAT | os.O_RDWR), 16 << 20)\n");
  if (!python.box) return;
  python.run.collect = "/box/w";
  for (const std::string kind : {"file", "link", "fifo", "folder", "none", "huge"}) {
    CAPTURE(kind);
    python.run.input = kind + "\n";
    python.run.limits.file_bytes = int64_t{16} << 20;
    const Outcome outcome = python.box->run(python.run);
    CHECK(outcome.outcome == OutcomeKind::ok);
    const size_t expected = kind == "file" ? 5 : kind == "huge" ? size_t{16} << 20 : 0;
    CHECK(outcome.collected_bytes.size() == expected);
  }
  python.run.collect = "/etc/passwd";
  CHECK_THROWS_AS(python.box->run(python.run), Error);
}

TEST_CASE("boxes of several threads run side by side without touching each other") {
  if (shared_sandbox(Backend::groups) == nullptr) return;
  std::vector<std::string> printed(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < printed.size(); ++i) {
    threads.emplace_back([&printed, i] {
      const Outcome outcome =
          run_python(*shared_sandbox(Backend::groups),
                     "import os, time\nopen('mine', 'w').write(input())\ntime.sleep(0.1)\n"
                     "print(open('mine').read(), os.listdir('.'))",
                     {}, std::to_string(i) + "\n");
      printed[i] = outcome.stdout_bytes;
    });
  }
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < printed.size(); ++i) {
    CHECK(printed[i] == std::to_string(i) + " ['mine']\n");
  }
}

TEST_CASE("a judge that has made many boxes holds no more descriptors than before") {
  sandbox::Sandbox* sandbox = shared_sandbox(Backend::groups);
  if (sandbox == nullptr) return;
  run_python(*sandbox, "pass");
  const int before = open_descriptors();
  for (int i = 0; i < 5; ++i) {
    run_python(*sandbox, "pass");
    run_python(*sandbox, "while True: print('x' * 1000)", short_limits());
  }
  CHECK(open_descriptors() == before);
}

TEST_SUITE_END();
