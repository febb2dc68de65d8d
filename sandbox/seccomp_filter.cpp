#include "sandbox/seccomp_filter.h"

#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include "core/error.h"
#include "sandbox/child_process.h"
#include "sandbox/seccomp_lists.h"

namespace reckon::sandbox {
namespace {

constexpr uint64_t kLow = 0xffffffff;  // arguments that the kernel reads as 32 bits
constexpr uint64_t kNewTimeNamespace = 0x80;
constexpr int kMostFamilies = 64;
constexpr uint64_t kTerminalGet2 = 0x802C542A;  // TCGETS2, which newer C libraries ask first

// A filter under construction.
class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), ::seccomp_release) {
    check(context_ != nullptr, ErrorCode::unsupported, "expected a seccomp filter, got none");
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    set(SCMP_FLTATR_CTL_OPTIMIZE, 2);
  }

  void add(uint32_t action, std::span<const char* const> names) {
    for (const char* name : names) add(action, name, {});
  }

  // Calls that this processor does not have are left out.
  void add(uint32_t action, const char* name, std::span<const scmp_arg_cmp> arguments) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0) return;
    const int result = ::seccomp_rule_add_array(
        context_.get(), action, number, static_cast<unsigned>(arguments.size()), arguments.data());
    check(result == 0, ErrorCode::unsupported, "expected a rule for {}, got: {}", name,
          std::strerror(-result));
  }

  void when(uint32_t action, const char* name, const scmp_arg_cmp& argument) {
    add(action, name, std::span(&argument, 1));
  }

  std::string bytes() const {
    UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
    const int result = ::seccomp_export_bpf(context_.get(), file.get());
    check(result == 0, ErrorCode::unsupported, "expected a seccomp filter, got: {}",
          std::strerror(-result));
    std::string text(static_cast<size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
    const auto got = ::pread(file.get(), text.data(), text.size(), 0);
    check(got == static_cast<ssize_t>(text.size()), ErrorCode::io, "expected {} bytes of a filter",
          text.size());
    return text;
  }

 private:
  void set(scmp_filter_attr name, uint32_t value) {
    const int result = ::seccomp_attr_set(context_.get(), name, value);
    check(result == 0, ErrorCode::unsupported, "expected libseccomp 2.5, got: {}",
          std::strerror(-result));
  }

  std::unique_ptr<void, decltype(&::seccomp_release)> context_;
};

scmp_arg_cmp equals(unsigned argument, uint64_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp masked(unsigned argument, uint64_t mask, uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// Threads and processes, but no namespaces.
void add_clone(Filter& filter) {
  constexpr std::array<uint64_t, 8> kNamespaces = {CLONE_NEWNS,  CLONE_NEWCGROUP,  CLONE_NEWUTS,
                                                   CLONE_NEWIPC, CLONE_NEWUSER,    CLONE_NEWPID,
                                                   CLONE_NEWNET, kNewTimeNamespace};
  uint64_t all = 0;
  // The last one shares a bit with the signal number that clone takes.
  for (const uint64_t flag : std::span(kNamespaces).first(7)) all |= flag;
  filter.when(SCMP_ACT_ALLOW, "clone", masked(0, all, 0));
  for (const uint64_t flag : std::span(kNamespaces).first(7)) {
    filter.when(SCMP_ACT_ERRNO(EPERM), "clone", masked(0, flag, flag));
  }
}

void add_sockets(Filter& filter) {
  filter.when(SCMP_ACT_ALLOW, "socket", equals(0, AF_UNIX));
  filter.when(SCMP_ACT_KILL_PROCESS, "socket", equals(0, AF_VSOCK));
  for (int family = 0; family < kMostFamilies; ++family) {
    if (family == AF_UNIX || family == AF_VSOCK) continue;
    filter.when(SCMP_ACT_ERRNO(EPERM), "socket", equals(0, static_cast<uint64_t>(family)));
  }
}

void add_own_process(Filter& filter) {
  // Not the limits of others, init's above all.
  filter.when(SCMP_ACT_ALLOW, "prlimit64", equals(0, 0));
  for (const int name :
       {PR_SET_NAME, PR_GET_NAME, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_PDEATHSIG,
        PR_GET_PDEATHSIG, PR_SET_DUMPABLE, PR_GET_DUMPABLE, PR_CAPBSET_READ, PR_GET_SECCOMP}) {
    filter.when(SCMP_ACT_ALLOW, "prctl", equals(0, static_cast<uint64_t>(name)));
  }
  filter.when(SCMP_ACT_ALLOW, "personality", equals(0, 0));
  filter.when(SCMP_ACT_ALLOW, "personality", equals(0, kLow));
  constexpr uint64_t kLinux32 = 0x8;
  filter.when(SCMP_ACT_KILL_PROCESS, "personality", equals(0, kLinux32));
  for (int bit = 16; bit < 28; ++bit) {
    filter.when(SCMP_ACT_KILL_PROCESS, "personality", equals(0, uint64_t{1} << bit));
  }
}

// A list of what terminals and descriptors answer. The number is compared in the 32 bits that the
// kernel reads: a high bit must not slip a forbidden request through.
void add_ioctl(Filter& filter) {
  for (const uint64_t request :
       {uint64_t{TCGETS}, uint64_t{TCSETS}, uint64_t{TCSETSW}, uint64_t{TCSETSF}, kTerminalGet2,
        uint64_t{TIOCGWINSZ}, uint64_t{TIOCSWINSZ}, uint64_t{TIOCGPGRP}, uint64_t{TIOCSPGRP},
        uint64_t{TIOCNOTTY}, uint64_t{TIOCGSID}, uint64_t{FIONREAD}, uint64_t{FIONBIO},
        uint64_t{FIOASYNC}, uint64_t{FIOCLEX}, uint64_t{FIONCLEX}}) {
    filter.when(SCMP_ACT_ALLOW, "ioctl", masked(1, kLow, request));
  }
  for (const uint64_t request : {uint64_t{TIOCSTI}, uint64_t{TIOCLINUX}, uint64_t{TIOCSCTTY}}) {
    filter.when(SCMP_ACT_ERRNO(EPERM), "ioctl", masked(1, kLow, request));
  }
}

// Named pipes, but no devices and nothing else.
void add_mknod(Filter& filter) {
  for (const mode_t type :
       std::initializer_list<mode_t>{S_IFIFO, S_IFCHR, S_IFBLK, S_IFREG, S_IFSOCK, 0}) {
    const uint32_t action = type == S_IFIFO ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM);
    filter.when(action, "mknod", masked(1, S_IFMT, type));
    filter.when(action, "mknodat", masked(2, S_IFMT, type));
  }
}

}  // namespace

std::string build_filter(const FilterPolicy& policy) {
  Filter filter;
  filter.add(SCMP_ACT_ALLOW, allowed_calls());
  filter.add(SCMP_ACT_ERRNO(EPERM), refused_calls());
  filter.add(SCMP_ACT_KILL_PROCESS, deadly_calls());
  filter.add(policy.memory_files ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM), "memfd_create", {});
  add_clone(filter);
  add_sockets(filter);
  add_own_process(filter);
  add_ioctl(filter);
  add_mknod(filter);
  return filter.bytes();
}

}  // namespace reckon::sandbox
