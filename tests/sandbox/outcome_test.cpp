#include <doctest/doctest.h>
#include <signal.h>

#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::tests;
using sandbox::Outcome;
using sandbox::OutcomeKind;

namespace {

// Runs `check` with each backend of this machine.
template <class Check>
void on_each_backend(const Check& check) {
  for (const Backend backend : {Backend::groups, Backend::processes_only}) {
    sandbox::Sandbox* sandbox = shared_sandbox(backend);
    if (sandbox == nullptr) return;
    CAPTURE(static_cast<int>(backend));
    check(*sandbox);
  }
}

// Expects `kind` from a Python program under short limits, on each backend.
void expect_python(OutcomeKind kind, const std::string& source) {
  on_each_backend([&](sandbox::Sandbox& sandbox) {
    const Outcome outcome = run_python(sandbox, source, short_limits());
    CAPTURE(outcome.stderr_bytes);
    CAPTURE(outcome.message);
    CHECK(sandbox::to_string(outcome.outcome) == sandbox::to_string(kind));
  });
}

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("a program that ends with status 0 is ok and its output is kept") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    const Outcome outcome = run_python(
        sandbox, "import sys\nprint(input())\nprint('note', file=sys.stderr)\n", {}, "line\n");
    CHECK(outcome.outcome == OutcomeKind::ok);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.stdout_bytes == "line\n");
    CHECK(outcome.stderr_bytes == "note\n");
    CHECK_FALSE(outcome.truncated);
    CHECK(outcome.wall_s > 0.0);
    CHECK(outcome.cpu_s > 0.0);
    CHECK(outcome.peak_memory_bytes > (1 << 20));
    CHECK(outcome.peak_processes == 1);
  });
}

TEST_CASE("an exit status above 128 is a status, not a signal") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    const Outcome outcome = run_python(sandbox, "import sys; sys.exit(137)", {});
    CHECK(outcome.outcome == OutcomeKind::nonzero_exit);
    CHECK(outcome.exit_code == 137);
    CHECK(outcome.signal == 0);
  });
}

TEST_CASE("exit and quit work without the module site") {
  expect_python(OutcomeKind::ok, "exit()");
  expect_python(OutcomeKind::ok, "quit(0)");
  expect_python(OutcomeKind::nonzero_exit, "sys.exit(0)  # sys was never imported");
}

TEST_CASE("a signal that no limit explains is reported with its number") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    const Outcome killed =
        run_python(sandbox, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", {});
    CHECK(killed.outcome == OutcomeKind::signal);
    CHECK(killed.signal == SIGKILL);
    CHECK(killed.exit_code == -1);
    const Outcome crashed = run_c(sandbox, "int main() { *(volatile int*)0 = 1; }");
    CHECK(crashed.outcome == OutcomeKind::signal);
    CHECK(crashed.signal == SIGSEGV);
  });
}

TEST_CASE("a program that sleeps is ended by the wall clock") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    auto limits = short_limits();
    limits.wall_s = 0.4;
    const Outcome outcome = run_python(sandbox, "import time; time.sleep(60)", limits);
    CHECK(outcome.outcome == OutcomeKind::time_limit);
    CHECK(outcome.wall_s < 3.0);
    CHECK(outcome.cpu_s < 0.4);
  });
}

TEST_CASE("a program that stops itself is ended by the wall clock") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    auto limits = short_limits();
    limits.wall_s = 0.4;
    const Outcome outcome =
        run_python(sandbox, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", limits);
    CHECK(outcome.outcome == OutcomeKind::time_limit);
  });
}

TEST_CASE("CPU time is limited for one process, for its children together, and past SIGXCPU") {
  expect_python(OutcomeKind::cpu_limit, "while True: pass");
  expect_python(OutcomeKind::cpu_limit,
                "import os\nfor i in range(3):\n  os.fork()\nwhile True: pass");
  on_each_backend([](sandbox::Sandbox& sandbox) {
    auto limits = short_limits();
    limits.memory_bytes = int64_t{256} << 20;
    const Outcome outcome = run_c(
        sandbox, "#include <signal.h>\nint main() { signal(SIGXCPU, SIG_IGN); for (;;); }", limits);
    CHECK(outcome.outcome == OutcomeKind::cpu_limit);
  });
}

TEST_CASE("memory is limited for one process and for children together") {
  expect_python(OutcomeKind::memory_limit, "x = b'x' * (200 << 20)\nimport time; time.sleep(5)");
  expect_python(OutcomeKind::memory_limit,
                "import os, time\nfor i in range(6):\n  if os.fork() == 0:\n"
                "    x = b'x' * (30 << 20); time.sleep(5); os._exit(0)\n"
                "for i in range(6): os.wait()");
}

TEST_CASE("memory that is mapped as shared counts too") {
  expect_python(OutcomeKind::memory_limit,
                "import mmap, time\nm = mmap.mmap(-1, 200 << 20)\n"
                "for i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(5)");
}

TEST_CASE("too much output is cut and ends the program") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    const Outcome outcome = run_python(sandbox, "while True: print('x' * 1000)", short_limits());
    CHECK(outcome.outcome == OutcomeKind::output_limit);
    CHECK(outcome.truncated);
    CHECK(outcome.stdout_bytes.size() == 4096);
    const Outcome once =
        run_python(sandbox, "import os; os.write(1, b'x' * 5000); os._exit(0)", short_limits());
    CHECK(once.outcome == OutcomeKind::output_limit);
  });
}

TEST_CASE("standard error beyond its cap is dropped, and ends the program only far beyond") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    const Outcome some =
        run_python(sandbox, "import sys; sys.stderr.write('x' * 100000)", short_limits());
    CHECK(some.outcome == OutcomeKind::ok);
    CHECK(some.truncated);
    CHECK(some.stderr_bytes.size() == 4096);
  });
  expect_python(OutcomeKind::output_limit,
                "import os\nb = b'x' * 65536\nwhile True: os.write(2, b)");
}

TEST_CASE("a file beyond its limit is file_limit and a full folder is an error of the program") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    const auto limits = short_limits();
    const std::string write =
        "#include <fcntl.h>\n#include <unistd.h>\nstatic char b[1 << 20];\n"
        "int main() { int f = open(\"a\", O_CREAT | O_WRONLY, 0600);\n"
        "  for (int i = 0; i < 20; ++i) write(f, b, sizeof b); }";
    CHECK(run_c(sandbox, write, limits).outcome == OutcomeKind::file_limit);
    const Outcome full = run_python(
        sandbox, "for i in range(20): open(f'f{i}', 'wb').write(b'x' * (1 << 20))", limits);
    CHECK(full.outcome == OutcomeKind::nonzero_exit);
    CHECK(full.stderr_bytes.find("No space left on device") != std::string::npos);
  });
}

TEST_CASE("too many processes and too many threads are process_limit") {
  expect_python(OutcomeKind::process_limit,
                "import os, time\nfor i in range(100):\n  if os.fork() == 0:\n"
                "    time.sleep(5); os._exit(0)");
  expect_python(OutcomeKind::process_limit,
                "import threading, time\nfor i in range(100):\n"
                "  threading.Thread(target=time.sleep, args=(5,), daemon=True).start()");
}

TEST_CASE("a forbidden system call is denied") {
  expect_python(OutcomeKind::denied, "import ctypes; ctypes.CDLL(None).ptrace(16, 1, 0, 0)");
  expect_python(OutcomeKind::denied, "import ctypes; ctypes.CDLL(None).unshare(0x10000000)");
}

TEST_CASE("a source that does not compile is compile_error with what the compiler said") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    for (const auto language : {sandbox::Language::c, sandbox::Language::cpp}) {
      const Outcome outcome = sandbox::run_program(sandbox, language, "int main( {", "", {});
      CHECK(outcome.outcome == OutcomeKind::compile_error);
      CHECK(outcome.message.find("error") != std::string::npos);
    }
  });
}

TEST_CASE("a program that is not there is not_started") {
  on_each_backend([](sandbox::Sandbox& sandbox) {
    std::string why;
    const auto box = sandbox.open({}, why);
    REQUIRE(box != nullptr);
    sandbox::Run run;
    run.argv = {"/prog/nothing"};
    const Outcome outcome = box->run(run);
    CHECK(outcome.outcome == OutcomeKind::not_started);
    CHECK(outcome.message.find("No such file") != std::string::npos);
  });
}

TEST_SUITE_END();
