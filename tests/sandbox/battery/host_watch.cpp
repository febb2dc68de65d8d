#include "tests/sandbox/battery/host_watch.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "core/error.h"
#include "core/files.h"

namespace reckon::tests {
namespace {

namespace fs = std::filesystem;

constexpr int kKind = SOCK_NONBLOCK | SOCK_CLOEXEC;

std::string random_name() {
  unsigned char bytes[16];
  check(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes, ErrorCode::io,
        "expected random bytes, got none");
  std::string name;
  for (const unsigned char byte : bytes) name += fmt::format("{:02x}", byte);
  return name;
}

size_t lines_of(const std::string& path) {
  std::ifstream file(path);
  return static_cast<size_t>(
      std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
}

// Objects of System V belong to nobody's process: the counts are all there is to compare.
size_t shared_objects() {
  return lines_of("/proc/sysvipc/shm") + lines_of("/proc/sysvipc/msg") +
         lines_of("/proc/sysvipc/sem");
}

// A listener on a port of 127.0.0.1 that the kernel chooses, and the port in `port`.
sandbox::UniqueFd loopback(int kind, std::string& port) {
  sandbox::UniqueFd fd(::socket(AF_INET, kind | kKind, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const auto pointer = reinterpret_cast<sockaddr*>(&address);
  check(::bind(fd.get(), pointer, size) == 0 && ::getsockname(fd.get(), pointer, &size) == 0,
        ErrorCode::io, "expected a listener on 127.0.0.1, got: {}", std::strerror(errno));
  if (kind == SOCK_STREAM) ::listen(fd.get(), 8);
  port = std::to_string(ntohs(address.sin_port));
  return fd;
}

// A listener in the file system, or an abstract one if `name` begins with a NUL byte.
sandbox::UniqueFd local(int kind, const std::string& name) {
  sandbox::UniqueFd fd(::socket(AF_UNIX, kind | kKind, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  check(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, ErrorCode::io,
        "expected a local listener, got: {}", std::strerror(errno));
  if (kind != SOCK_DGRAM) ::listen(fd.get(), 8);
  return fd;
}

}  // namespace

size_t open_descriptors() {
  // The folder itself is open while it is listed.
  return static_cast<size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {})) - 1;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text;
    std::getline(file, text, '\0');  // fails quietly if the process ends meanwhile
    const size_t end = text.rfind(')');  // a program's name may hold anything
    if (end == std::string::npos) continue;
    std::istringstream rest(text.substr(end + 1));
    std::string state;
    pid_t ppid = 0;
    if (rest >> state >> ppid && ppid == parent) children.push_back(std::stoi(name));
  }
  return children;
}

HostWatch::HostWatch(const fs::path& folder) : folder_(folder), secret_(random_name()) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const fs::path canary = folder / "canary";
  std::ofstream(canary) << secret_ << '\n';
  fs::permissions(canary, fs::perms(0644));
  // In the environment of all that is started, too.
  ::setenv("RECKON_CANARY", secret_.c_str(), 1);
  ::setenv("TMPDIR", folder.c_str(), 1);
  ::setenv("HOME", folder.c_str(), 1);
  values_["@CANARY@"] = canary.string();
  values_["@PID@"] = std::to_string(::getpid());
  values_["@ROOT@"] = fs::current_path().string();
  listen_all();
  mounts_ = lines_of("/proc/self/mountinfo");
  shared_objects_ = shared_objects();
  descriptors_ = open_descriptors();
}

void HostWatch::listen_all() {
  const std::string abstract = "reckon-battery-" + random_name();
  const std::string file = (folder_ / "listener").string();
  values_["@ABSTRACT@"] = abstract;
  values_["@UNIX@"] = file;
  const std::string hidden = std::string(1, '\0') + abstract;
  listeners_.push_back(loopback(SOCK_STREAM, values_["@TCP@"]));
  listeners_.push_back(loopback(SOCK_DGRAM, values_["@UDP@"]));
  listeners_.push_back(local(SOCK_STREAM, hidden));
  listeners_.push_back(local(SOCK_DGRAM, hidden + ".d"));
  listeners_.push_back(local(SOCK_STREAM, file));
  names_ = {"TCP", "UDP", "abstract stream", "abstract datagram", "socket file"};
  fs::permissions(file, fs::perms(0666));
}

std::vector<std::string> HostWatch::traces(const std::vector<pid_t>& commands) {
  std::vector<std::string> found;
  find_processes(found);
  find_groups(commands, found);
  find_files(found);
  find_visitors(found);
  const auto compare = [&](size_t before, size_t now, const char* what) {
    if (now != before) found.push_back(fmt::format("{} {} instead of {}", now, what, before));
  };
  compare(descriptors_, open_descriptors(), "descriptors are open");
  compare(mounts_, lines_of("/proc/self/mountinfo"), "mounts are there");
  compare(shared_objects_, shared_objects(), "lines of shared objects are there");
  return found;
}

void HostWatch::find_processes(std::vector<std::string>& found) const {
  // The kernel may still be burying what the sandbox has killed.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  std::vector<pid_t> left;
  do {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    left = children_of(::getpid());
    if (left.empty()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  } while (std::chrono::steady_clock::now() < end);
  for (const pid_t pid : left) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    found.push_back(fmt::format("process {} ({}) still runs", pid, name));
    ::kill(pid, SIGKILL);
  }
}

void HostWatch::find_groups(const std::vector<pid_t>& commands,
                            std::vector<std::string>& found) const {
  std::error_code closed;
  auto entries = fs::recursive_directory_iterator(
      "/sys/fs/cgroup", fs::directory_options::skip_permission_denied, closed);
  for (; !closed && entries != fs::recursive_directory_iterator(); entries.increment(closed)) {
    const std::string name = entries->path().filename().string();
    for (const pid_t pid : commands) {
      if (!name.starts_with(fmt::format("reckon-{}-", pid))) continue;
      found.push_back("control group " + entries->path().string() + " is left");
    }
  }
}

void HostWatch::find_files(std::vector<std::string>& found) const {
  for (const fs::path& folder : {folder_, fs::path("/tmp"), fs::path("/var/tmp"),
                                 fs::path("/dev/shm"), fs::path("/dev/mqueue"), fs::path(".")}) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder, missing)) {
      const std::string name = entry.path().filename().string();
      const bool ours = name == "canary" || name == "listener" || name.starts_with("program.");
      const bool theirs = name.find("reckon_attack") != std::string::npos || name == "neighbour";
      if (folder == folder_ ? !ours : theirs) found.push_back(entry.path().string() + " is left");
    }
  }
  if (read_file(folder_ / "canary") != secret_ + "\n") found.push_back("the canary is changed");
}

void HostWatch::find_visitors(std::vector<std::string>& found) const {
  for (size_t i = 0; i < listeners_.size(); ++i) {
    char byte = 0;
    const sandbox::UniqueFd visitor(::accept4(listeners_[i].get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (visitor || ::recv(listeners_[i].get(), &byte, 1, MSG_DONTWAIT) >= 0) {
      found.push_back("somebody spoke to the listener: " + names_[i]);
    }
  }
}

}  // namespace reckon::tests
