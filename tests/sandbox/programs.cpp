#include "tests/sandbox/programs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "core/error.h"
#include "sandbox/group_files.h"

namespace reckon::tests {

namespace fs = std::filesystem;
using sandbox::Language;

sandbox::Sandbox* shared_sandbox(Backend backend) {
  static std::map<Backend, std::unique_ptr<sandbox::Sandbox>> made;
  if (const auto found = made.find(backend); found != made.end()) return found->second.get();
  auto& entry = made[backend];
  try {
    sandbox::SandboxOptions options;
    options.control_groups = backend == Backend::groups;
    options.slots = 4;
    entry = sandbox::make_sandbox(options);
  } catch (const Error& error) {
    fmt::print("skipped: {}\n", error.what());
  }
  return entry.get();
}

sandbox::Outcome run_python(sandbox::Sandbox& sandbox, const std::string& source,
                            const sandbox::Limits& limits, const std::string& input) {
  return sandbox::run_program(sandbox, Language::python, source, input, limits);
}

sandbox::Outcome run_c(sandbox::Sandbox& sandbox, const std::string& source,
                       const sandbox::Limits& limits) {
  return sandbox::run_program(sandbox, Language::c, source, "", limits);
}

sandbox::Limits short_limits() {
  sandbox::Limits limits;
  limits.cpu_s = 0.5;
  limits.wall_s = 10.0;
  limits.memory_bytes = int64_t{96} << 20;
  limits.processes = 12;
  limits.stdout_bytes = 4096;
  limits.stderr_bytes = 4096;
  limits.file_bytes = int64_t{4} << 20;
  limits.disk_bytes = int64_t{8} << 20;
  return limits;
}

int open_descriptors() {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

bool is_running(const std::string& mark) {
  std::error_code ended;
  for (const auto& entry : fs::directory_iterator("/proc", ended)) {
    const std::string line = sandbox::read_control(entry.path() / "cmdline");
    if (line.find(mark) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> groups_of(int pid) {
  std::vector<std::string> found;
  const std::string prefix = fmt::format("reckon-{}-", pid);
  std::error_code none;
  for (fs::recursive_directory_iterator at("/sys/fs/cgroup", none), end; at != end;
       at.increment(none)) {
    if (at->path().filename().string().starts_with(prefix)) found.push_back(at->path().string());
  }
  return found;
}

}  // namespace reckon::tests
