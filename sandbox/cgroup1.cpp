#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "core/error.h"
#include "sandbox/group.h"
#include "sandbox/group_files.h"

namespace reckon::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPeriodUs = 100'000;
constexpr int64_t kOwnMemory = int64_t{4} << 20;  // of bubblewrap and init
constexpr int64_t kOwnProcesses = 3;              // the thread that starts boxes, bubblewrap, init

class Cgroup1 : public Group {
 public:
  Cgroup1(const Cgroup1Folders& parents, int slot) {
    const std::string name = group_name(slot);
    folders_ = {parents.memory / name, parents.pids / name, parents.cpu / name,
                parents.cpuacct / name};
    for (const fs::path& folder : all()) {
      const bool made = ::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST;
      check(made, ErrorCode::io, "expected a writable cgroup, got {}", folder.string());
    }
    write_control(folders_.cpu / "cpu.cfs_period_us", fmt::format("{}", kPeriodUs));
    write_control(folders_.cpu / "cpu.cfs_quota_us", fmt::format("{}", kPeriodUs));
    // A group weighs as much as one process of its neighbours; a box is several.
    write_control(folders_.cpu / "cpu.shares", "4096");
    write_control(folders_.memory / "memory.swappiness", "0");
  }

  ~Cgroup1() override {
    for (const fs::path& folder : all()) remove_group(folder);
  }

  void enter() override {
    for (const fs::path& folder : all()) {
      check(write_control(folder / "tasks", "0"), ErrorCode::io, "expected to join the cgroup {}",
            folder.string());
    }
  }

  void limit(int64_t memory_bytes, int64_t processes) override {
    if (memory_bytes != memory_bytes_) {
      const std::string text = fmt::format("{}", memory_bytes + kOwnMemory);
      const fs::path both = folders_.memory / "memory.memsw.limit_in_bytes";
      // The limit of memory may never be above the one with swap: either order can be the right
      // one.
      const bool first = write_control(folders_.memory / "memory.limit_in_bytes", text);
      write_control(both, text);
      check(first || write_control(folders_.memory / "memory.limit_in_bytes", text), ErrorCode::io,
            "expected a memory limit of {} bytes to be taken", memory_bytes);
      memory_bytes_ = memory_bytes;
    }
    if (processes != processes_) {
      const std::string text = fmt::format("{}", processes + kOwnProcesses);
      check(write_control(folders_.pids / "pids.max", text), ErrorCode::io,
            "expected a limit of {} processes to be taken", processes);
      processes_ = processes;
    }
  }

  void start_count() override {
    cpu_ns_ = control_number(folders_.cpuacct / "cpuacct.usage");
    oom_kills_ = control_number(folders_.memory / "memory.oom_control", "oom_kill");
    refused_ = control_number(folders_.pids / "pids.events", "max");
    peak_before_ = control_number(folders_.pids / "pids.peak");
    write_control(folders_.memory / "memory.max_usage_in_bytes", "0");
    seen_processes_ = 0;
  }

  GroupUsage usage() override {
    GroupUsage usage;
    const int64_t cpu_ns = control_number(folders_.cpuacct / "cpuacct.usage");
    usage.cpu_s = static_cast<double>(cpu_ns - cpu_ns_) * 1e-9;
    usage.peak_memory_bytes = control_number(folders_.memory / "memory.max_usage_in_bytes");
    usage.oom_kills =
        control_number(folders_.memory / "memory.oom_control", "oom_kill") - oom_kills_;
    usage.refused_forks = control_number(folders_.pids / "pids.events", "max") - refused_;
    // The kernel's peak cannot be reset: it tells of this count only when it has grown.
    const int64_t peak = control_number(folders_.pids / "pids.peak");
    seen_processes_ = std::max(seen_processes_, processes_now());
    usage.peak_processes =
        std::max(int64_t{0}, (peak > peak_before_ ? peak : seen_processes_) - kOwnProcesses);
    return usage;
  }

  bool wait_empty(int milliseconds) override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    // The starting thread stays.
    while (processes_now() > 1) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
  }

 private:
  std::vector<fs::path> all() const {
    std::vector<fs::path> paths = {folders_.memory, folders_.pids, folders_.cpu};
    // One mount may serve two controllers.
    if (folders_.cpuacct != folders_.cpu) paths.push_back(folders_.cpuacct);
    return paths;
  }
  int64_t processes_now() const { return control_number(folders_.pids / "pids.current"); }

  Cgroup1Folders folders_;
  int64_t memory_bytes_ = -1, processes_ = -1;
  int64_t cpu_ns_ = 0, oom_kills_ = 0, refused_ = 0, peak_before_ = 0, seen_processes_ = 0;
};

class Cgroups1 : public Groups {
 public:
  explicit Cgroups1(Cgroup1Folders folders) : folders_(std::move(folders)) {}
  std::string_view backend() const override { return "cgroup1"; }
  std::unique_ptr<Group> make(int slot) override {
    return std::make_unique<Cgroup1>(folders_, slot);
  }

 private:
  Cgroup1Folders folders_;
};

}  // namespace

std::unique_ptr<Groups> make_cgroup1(const Cgroup1Folders& folders, std::string& why) {
  for (const fs::path& folder : {folders.memory, folders.pids, folders.cpu, folders.cpuacct}) {
    if (folder.empty() || ::access(folder.c_str(), W_OK) != 0) {
      why = folder.empty() ? "a hierarchy of memory, pids, cpu or cpuacct is not mounted"
                           : fmt::format("{} is not writable", folder.string());
      return nullptr;
    }
    remove_stale_groups(folder);
  }
  return std::make_unique<Cgroups1>(folders);
}

}  // namespace reckon::sandbox
