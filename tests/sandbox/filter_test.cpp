#include <doctest/doctest.h>
#include <linux/filter.h>

#include <algorithm>
#include <set>
#include <string>

#include "sandbox/seccomp_filter.h"
#include "sandbox/seccomp_lists.h"
#include "tests/sandbox/programs.h"

using namespace reckon;
using namespace reckon::tests;
using sandbox::OutcomeKind;

namespace {

bool lists(std::span<const char* const> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const char* one) { return name == one; });
}

// A C program that makes one system call and prints its result and errno.
std::string calling(const std::string& call) {
  return "#define _GNU_SOURCE\n#include <errno.h>\n#include <sched.h>\n#include <stdio.h>\n"
         "#include <sys/ioctl.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n"
         "int main(void) { errno = 0; long r = syscall(" +
         call +
         ");\n"
         "  printf(\"%ld %s\\n\", r < 0 ? -1 : 0, errno == EPERM ? \"EPERM\" : "
         "errno == ENOSYS ? \"ENOSYS\" : errno == 0 ? \"\" : \"other\"); }";
}

std::string answer(const std::string& call) {
  sandbox::Sandbox* sandbox = shared_sandbox(Backend::groups);
  const auto outcome = run_c(*sandbox, calling(call));
  if (outcome.outcome != OutcomeKind::ok) return std::string(sandbox::to_string(outcome.outcome));
  return outcome.stdout_bytes;
}

}  // namespace

TEST_CASE("no system call is in two lists of the filter") {
  std::set<std::string> seen;
  for (const auto& names :
       {sandbox::allowed_calls(), sandbox::refused_calls(), sandbox::deadly_calls()}) {
    for (const char* name : names) {
      CAPTURE(name);
      CHECK(seen.insert(name).second);
    }
  }
}

TEST_CASE("calls that reach the kernel's inner parts are never allowed") {
  for (const char* name :
       {"ptrace", "process_vm_readv", "mount", "unshare", "setns", "bpf", "perf_event_open",
        "userfaultfd", "keyctl", "init_module", "kexec_load", "reboot", "open_by_handle_at"}) {
    CAPTURE(name);
    CHECK(lists(sandbox::deadly_calls(), name));
  }
  for (const char* name : {"io_uring_setup", "clone3", "openat2", "seccomp", "pidfd_open",
                           "memfd_secret", "landlock_create_ruleset", "socket", "clone", "prctl",
                           "ioctl", "prlimit64", "personality"}) {
    CAPTURE(name);
    CHECK_FALSE(lists(sandbox::allowed_calls(), name));
  }
}

TEST_CASE("the filter fits the kernel and differs by policy") {
  const std::string with = sandbox::build_filter({.memory_files = true});
  const std::string without = sandbox::build_filter({.memory_files = false});
  CHECK(with.size() % sizeof(sock_filter) == 0);
  CHECK(with.size() / sizeof(sock_filter) < BPF_MAXINSNS);
  CHECK(with != without);
}

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("each class of system calls is answered as its list says") {
  if (shared_sandbox(Backend::groups) == nullptr) return;
  CHECK(answer("SYS_getpid") == "0 \n");
  CHECK(answer("SYS_clone3, 0, 0") == "-1 ENOSYS\n");
  CHECK(answer("425 /* io_uring_setup */, 1, 0") == "-1 ENOSYS\n");
  CHECK(answer("SYS_socket, 2, 1, 0") == "-1 EPERM\n");
  CHECK(answer("SYS_socket, 16, 3, 0") == "-1 EPERM\n");
  CHECK(answer("SYS_socket, 1, 1, 0") == "0 \n");
  CHECK(answer("SYS_socket, 40, 1, 0") == "denied");
  CHECK(answer("SYS_shmget, 0, 4096, 01600") == "-1 EPERM\n");
  CHECK(answer("SYS_keyctl, 0, 0") == "denied");
  CHECK(answer("SYS_mount, 0, 0, 0, 0, 0") == "denied");
  CHECK(answer("SYS_personality, 0xffffffff") == "0 \n");
  CHECK(answer("SYS_personality, 0x0040000") == "denied");
}

TEST_CASE("arguments that the kernel reads as 32 bits are compared as 32 bits") {
  if (shared_sandbox(Backend::groups) == nullptr) return;
  CHECK(answer("SYS_ioctl, 0, TIOCSTI, \"x\"") == "-1 EPERM\n");
  CHECK(answer("SYS_ioctl, 0, TIOCSTI | (1ul << 32), \"x\"") == "-1 EPERM\n");
  CHECK(answer("SYS_prlimit64, 1, 0, 0, 0") == "-1 ENOSYS\n");
  CHECK(answer("SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0") == "-1 EPERM\n");
  CHECK(answer("SYS_clone, CLONE_NEWNET | (1ul << 32) | 17, 0, 0, 0, 0") == "-1 EPERM\n");
}

#ifdef __x86_64__
TEST_CASE("foreign system call tables are deadly") {
  if (shared_sandbox(Backend::groups) == nullptr) return;
  sandbox::Sandbox& sandbox = *shared_sandbox(Backend::groups);
  CHECK(run_c(sandbox,
              "int main(void) { long r; __asm__ volatile(\"int $0x80\" : \"=a\"(r) : "
              "\"a\"(20)); return r > 0 ? 0 : 1; }")
            .outcome == OutcomeKind::denied);
  CHECK(answer("0x40000000 | 39") == "denied");
}
#endif

TEST_CASE("files in memory exist only where a group counts them") {
  for (const Backend backend : {Backend::groups, Backend::processes_only}) {
    sandbox::Sandbox* sandbox = shared_sandbox(backend);
    if (sandbox == nullptr) return;
    const auto outcome = run_python(*sandbox, "import os; os.memfd_create('x')");
    const bool counted = outcome.backend != "rlimit";
    CHECK(outcome.outcome == (counted ? OutcomeKind::ok : OutcomeKind::nonzero_exit));
  }
}

TEST_SUITE_END();
