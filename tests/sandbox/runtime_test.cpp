#include <doctest/doctest.h>

#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::tests;
using sandbox::Language;
using sandbox::Outcome;
using sandbox::OutcomeKind;

namespace {

// An honest program is ok, and says what is expected, with each backend.
void expect_prints(Language language, const std::string& source, const std::string& expected) {
  for (const Backend backend : {Backend::groups, Backend::processes_only}) {
    sandbox::Sandbox* sandbox = shared_sandbox(backend);
    if (sandbox == nullptr) return;
    const Outcome outcome =
        sandbox::run_program(*sandbox, language, source, "3 4\n", sandbox::run_limits(language));
    CAPTURE(outcome.stderr_bytes);
    CAPTURE(outcome.message);
    CHECK(sandbox::to_string(outcome.outcome) == "ok");
    CHECK(outcome.stdout_bytes == expected);
  }
}

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("Python with threads, processes and temporary files runs") {
  expect_prints(Language::python,
                "import threading\nt = [threading.Thread(target=lambda: None) for i in range(8)]\n"
                "[x.start() for x in t]; [x.join() for x in t]; print(len(t))",
                "8\n");
  expect_prints(Language::python,
                "import subprocess\nprint(subprocess.run(['echo', 'hi'], capture_output=True,"
                " text=True).stdout, end='')",
                "hi\n");
  expect_prints(Language::python,
                "import multiprocessing as m\ndef f(x): return x * x\n"
                "if __name__ == '__main__':\n  with m.Pool(2) as p: print(p.map(f, range(4)))",
                "[0, 1, 4, 9]\n");
  expect_prints(
      Language::python,
      "import tempfile\nwith tempfile.TemporaryFile() as f:\n  f.write(b'abc'); f.seek(0)\n"
      "  print(f.read())",
      "b'abc'\n");
}

TEST_CASE("Python's common modules import and work") {
  expect_prints(Language::python,
                "import asyncio, collections, decimal, fractions, heapq, itertools, json, math, re,"
                " random, select, signal, socket, sqlite3, statistics, time, uuid\n"
                "async def f(): await asyncio.sleep(0.01); return 5\n"
                "print(asyncio.run(f()), sum(map(int, input().split())))",
                "5 7\n");
  expect_prints(Language::python, "import sys; print(__name__, sys.argv, __file__)",
                "__main__ ['/prog/main.py'] /prog/main.py\n");
}

TEST_CASE("C and C++ compile and run") {
  expect_prints(
      Language::c,
      "#include <math.h>\n#include <stdio.h>\nint main(void) { int a, b;\n"
      "  if (scanf(\"%d %d\", &a, &b) != 2) return 1; printf(\"%.1f\\n\", hypot(a, b)); }",
      "5.0\n");
  expect_prints(Language::cpp,
                "#include <bits/stdc++.h>\nint main() { int a, b; std::cin >> a >> b;\n"
                "  std::vector<std::thread> t; std::atomic<int> n = 0;\n"
                "  for (int i = 0; i < 4; ++i) t.emplace_back([&] { n += a * b; });\n"
                "  for (auto& x : t) x.join();\n  std::cout << n << std::endl; }",
                "48\n");
}

TEST_CASE("bash runs pipelines, here documents and arithmetic") {
  expect_prints(
      Language::bash,
      "read a b\nseq 1 100 | sort -rn | head -2 | tr '\\n' ' '\ncat <<END\n$((a + b))\nEND\n"
      "f=$(mktemp); echo x > \"$f\"; cat \"$f\"",
      "100 99 7\nx\n");
}

TEST_CASE("a program that comes close to its limits is ok") {
  for (const Backend backend : {Backend::groups, Backend::processes_only}) {
    sandbox::Sandbox* sandbox = shared_sandbox(backend);
    if (sandbox == nullptr) return;
    auto limits = short_limits();
    limits.cpu_s = 2.0;
    CHECK(run_python(*sandbox, "x = b'x' * (60 << 20); print(len(x))", limits).outcome ==
          OutcomeKind::ok);
    CHECK(run_python(*sandbox, "import os; os.write(1, b'x' * 4096)", limits).outcome ==
          OutcomeKind::ok);
    CHECK(run_python(*sandbox, "open('a', 'wb').write(b'x' * (4 << 20))", limits).outcome ==
          OutcomeKind::ok);
    CHECK(
        run_python(*sandbox, "import time\nwhile time.process_time() < 1: pass", limits).outcome ==
        OutcomeKind::ok);
    CHECK(run_python(*sandbox,
                     "import os, time\nfor i in range(8):\n  if os.fork() == 0:\n"
                     "    time.sleep(0.2); os._exit(0)\nfor i in range(8): os.wait()",
                     limits)
              .outcome == OutcomeKind::ok);
  }
}

TEST_SUITE_END();
