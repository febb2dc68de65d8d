#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>

#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::tests;
using sandbox::Outcome;
using sandbox::OutcomeKind;

namespace {

// What a program prints; its outcome must be ok.
std::string printed(const std::string& source) {
  sandbox::Sandbox* sandbox = shared_sandbox(Backend::groups);
  if (sandbox == nullptr) return "skipped";
  const Outcome outcome = run_python(*sandbox, source, {});
  CAPTURE(outcome.stderr_bytes);
  CHECK(sandbox::to_string(outcome.outcome) == "ok");
  return outcome.stdout_bytes;
}

bool skipped() { return shared_sandbox(Backend::groups) == nullptr; }

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("a program has exactly the descriptors 0, 1 and 2") {
  if (skipped()) return;
  CHECK(printed("import ctypes\nf = ctypes.CDLL(None).fcntl\n"
                "print([n for n in range(4096) if f(n, 1) >= 0])") == "[0, 1, 2]\n");
}

TEST_CASE("the environment holds nothing of the host") {
  if (skipped()) return;
  CHECK(printed("import os; print(sorted(os.environ))") ==
        "['HOME', 'LANG', 'OMP_NUM_THREADS', 'PATH', 'PWD', 'PYTHONHASHSEED', 'TMPDIR']\n");
}

TEST_CASE("only a few read-only folders of the host are there") {
  if (skipped()) return;
  const std::string root = printed(
      "import os\nprint([d for d in ('/proc', '/sys', '/home', '/root', '/var', '/run', "
      "'/etc/shadow',"
      " '/etc/hosts', '/boot', '/mnt', '/work') if os.path.lexists(d)])");
  CHECK(root == "[]\n");
  CHECK(printed("import os\nbad = []\n"
                "for d in ('/', '/usr', '/usr/bin', '/prog', '/etc', '/dev', '/.reckon', '/lib'):\n"
                "  try: open(d + '/x', 'w'); bad.append(d)\n  except OSError: pass\n"
                "print(bad)") == "[]\n");
  CHECK(printed("try: open('/prog/main.py', 'a'); print('open')\n"
                "except OSError: print('closed')") == "closed\n");
}

TEST_CASE("a canary file of the host cannot be found, not even through links") {
  if (skipped()) return;
  const auto path = std::filesystem::temp_directory_path() / "reckon-canary-of-a-test";
  std::ofstream(path) << "secret";
  const std::string name = path.string();
  CHECK(printed("import os\nn = '" + name +
                "'\nr = []\n"
                "for p in (n, '/box/l', '/oldroot' + n, '/newroot' + n, '/usr/..' + n):\n"
                "  try:\n    if p == '/box/l': os.symlink(n, p)\n    r.append(open(p).read())\n"
                "  except OSError: pass\nprint(r)") == "[]\n");
  std::filesystem::remove(path);
}

TEST_CASE("the program is nobody, without capabilities, and cannot become anyone else") {
  if (skipped()) return;
  CHECK(
      printed(
          "import os\nprint(os.getuid(), os.getgid())\n"
          "def no(f, *a):\n  try: f(*a); return 'did'\n  except OSError: return 'no'\n"
          "print(no(os.setuid, 0), no(os.setgid, 0), no(os.setgroups, [0]),"
          " no(os.chroot, '/box'), no(os.chown, '/box', 0, 0), no(os.mknod, '/box/d', 0o60600, 1),"
          " no(os.sched_setaffinity, 0, {0}), no(os.setpriority, 0, 0, -5))") ==
      "65534 65534\nno no no no no no no no\n");
}

TEST_CASE("the host's listeners cannot be reached by any family of sockets") {
  if (skipped()) return;
  // A listener in the abstract space of Unix sockets and one on the loopback.
  const int abstract = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name = {AF_UNIX, {}};
  const std::string text = "reckon-test-" + std::to_string(::getpid());
  text.copy(name.sun_path + 1, text.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  REQUIRE(::bind(abstract, reinterpret_cast<sockaddr*>(&name), length) == 0);
  REQUIRE(::listen(abstract, 1) == 0);
  CHECK(printed("import socket\nr = []\n"
                "for f in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):\n"
                "  for t in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n"
                "    try: socket.socket(f, t); r.append((f, t))\n    except OSError: pass\n"
                "try: socket.socket(socket.AF_UNIX).connect('\\0" +
                text + "'); r.append('unix')\nexcept OSError: pass\nprint(r)") == "[]\n");
  ::close(abstract);
}

TEST_CASE("init survives every signal and everything a program does to it") {
  if (skipped()) return;
  CHECK(printed("import os, resource, signal\n"
                "for s in list(range(1, 65)):\n  try: os.kill(1, s)\n  except OSError: pass\n"
                "try: os.kill(-1, 9)\n  \nexcept OSError: pass\n"
                "try: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)); print('limited')\n"
                "except OSError: pass\nprint('alive')") == "alive\n");
}

TEST_CASE("a child that outlives the main process holds nothing up and is killed") {
  if (skipped()) return;
  const std::string mark = "reckon-leftover-" + std::to_string(::getpid());
  const std::string source =
      "import os, subprocess\nsubprocess.Popen(['/usr/bin/python3', '-c', 'import time; "
      "time.sleep(600)', '" +
      mark + "'], start_new_session=True)\nprint('done')";
  Outcome outcome = run_python(*shared_sandbox(Backend::groups), source, {});
  CHECK(outcome.outcome == OutcomeKind::ok);
  CHECK(outcome.stdout_bytes == "done\n");
  CHECK(outcome.wall_s < 3.0);
  CHECK_FALSE(is_running(mark));
}

TEST_CASE("closing standard streams early and leaving input unread is no failure") {
  if (skipped()) return;
  sandbox::Sandbox& sandbox = *shared_sandbox(Backend::groups);
  const std::string much(4 << 20, 'x');
  CHECK(run_python(sandbox, "print(1)", {}, much).outcome == OutcomeKind::ok);
  CHECK(
      run_python(sandbox, "import os\nos.close(0); os.close(1); os.close(2); os._exit(0)", {}, much)
          .outcome == OutcomeKind::ok);
  CHECK(run_python(sandbox, "import sys; print(len(sys.stdin.read()))", {}, much).stdout_bytes ==
        std::to_string(much.size()) + "\n");
}

TEST_SUITE_END();
