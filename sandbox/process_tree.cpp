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

// Resident memory with no file of the host behind it.
struct Memory {
  int64_t own_bytes = 0;
  int64_t shared_bytes = 0;  // with other processes, or only meant to be
};

Memory memory_of(pid_t pid) {
  std::istringstream lines(read_control(fmt::format("/proc/{}/status", pid)));
  Memory memory;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    int64_t kib = 0;
    words >> key >> kib;
    if (key == "RssAnon:") memory.own_bytes = kib << 10;
    if (key == "RssShmem:") memory.shared_bytes = kib << 10;
  }
  return memory;
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
  // Who shares what is not known: the largest share of one process counts once.
  int64_t most_shared = 0;
  std::vector<pid_t> found;
  add_children(init, found);
  for (size_t i = 0; i < found.size() && i < kMostProcesses; ++i) {
    const Times times = times_of(found[i]);
    sum.cpu_s += times.own_s + times.reaped_s;
    const Memory memory = memory_of(found[i]);
    sum.memory_bytes += memory.own_bytes;
    most_shared = std::max(most_shared, memory.shared_bytes);
    sum.tasks += times.threads;
    add_children(found[i], found);
  }
  sum.memory_bytes += most_shared;
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
