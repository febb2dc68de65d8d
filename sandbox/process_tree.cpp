#include "sandbox/process_tree.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "sandbox/group_files.h"

namespace reckon::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostProcesses = 4096;

struct Sum {
  double cpu_s = 0.0;
  int64_t memory_bytes = 0;
  int64_t tasks = 0;
};

// Fields 14 to 17 of /proc/PID/stat: own and reaped children's time, in user and system mode.
struct Times {
  double own_s = 0.0;
  double reaped_s = 0.0;
  int64_t threads = 0;
};

Times times_of(pid_t pid) {
  const std::string text = read_control(fmt::format("/proc/{}/stat", pid));
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  int64_t user = 0, system = 0, reaped_user = 0, reaped_system = 0, threads = 0;
  fields >> user >> system >> reaped_user >> reaped_system >> skipped >> skipped >> threads;
  const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {static_cast<double>(user + system) / tick,
          static_cast<double>(reaped_user + reaped_system) / tick, threads};
}

// Memory that only this process has, about: resident pages that no file stands behind.
int64_t memory_of(pid_t pid) {
  std::istringstream fields(read_control(fmt::format("/proc/{}/statm", pid)));
  int64_t size = 0, resident = 0, shared = 0;
  fields >> size >> resident >> shared;
  return std::max(int64_t{0}, resident - shared) * ::sysconf(_SC_PAGESIZE);
}

void add_children(pid_t pid, std::vector<pid_t>& found) {
  std::error_code ended;
  for (const auto& task : fs::directory_iterator(fmt::format("/proc/{}/task", pid), ended)) {
    std::istringstream children(read_control(task.path() / "children"));
    for (pid_t child = 0; children >> child;) found.push_back(child);
  }
}

Sum sum_below(pid_t init) {
  Sum sum;
  sum.cpu_s = times_of(init).reaped_s;
  std::vector<pid_t> found;
  add_children(init, found);
  for (size_t i = 0; i < found.size() && i < kMostProcesses; ++i) {
    const Times times = times_of(found[i]);
    sum.cpu_s += times.own_s + times.reaped_s;
    sum.memory_bytes += memory_of(found[i]);
    sum.tasks += times.threads;
    add_children(found[i], found);
  }
  return sum;
}

}  // namespace

void ProcessTree::start_count() {
  cpu_before_ = sum_below(init_).cpu_s;
  peak_memory_ = peak_processes_ = 0;
}

GroupUsage ProcessTree::usage() {
  const Sum now = sum_below(init_);
  peak_memory_ = std::max(peak_memory_, now.memory_bytes);
  peak_processes_ = std::max(peak_processes_, now.tasks);
  GroupUsage usage;
  usage.cpu_s = std::max(0.0, now.cpu_s - cpu_before_);
  usage.peak_memory_bytes = peak_memory_;
  usage.peak_processes = peak_processes_;
  return usage;
}

}  // namespace reckon::sandbox
