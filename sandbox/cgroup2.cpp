#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "core/error.h"
#include "sandbox/group.h"
#include "sandbox/group_files.h"

namespace reckon::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kOwnMemory = int64_t{4} << 20;  // of bubblewrap and init
constexpr int64_t kOwnProcesses = 2;              // bubblewrap, init
constexpr std::string_view kWanted = "+memory +pids +cpu";

class Cgroup2 : public Group {
 public:
  Cgroup2(const fs::path& parent, int slot) : folder_(parent / group_name(slot)) {
    const bool made = ::mkdir(folder_.c_str(), 0755) == 0 || errno == EEXIST;
    check(made, ErrorCode::io, "expected a writable cgroup, got {}", folder_.string());
    write_control(folder_ / "memory.swap.max", "0");
    write_control(folder_ / "memory.oom.group", "1");
    write_control(folder_ / "cpu.max", "100000 100000");
    join_.reset(::open((folder_ / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    check(bool(join_), ErrorCode::io, "expected to open {}/cgroup.procs", folder_.string());
  }

  ~Cgroup2() override {
    kill();
    join_.reset();
    remove_group(folder_);
  }

  std::vector<int> join_files() const override { return {join_.get()}; }

  void limit(int64_t memory_bytes, int64_t processes) override {
    const bool taken =
        write_control(folder_ / "memory.max", fmt::format("{}", memory_bytes + kOwnMemory)) &&
        write_control(folder_ / "pids.max", fmt::format("{}", processes + kOwnProcesses));
    check(taken, ErrorCode::io, "expected the limits of {} to be taken", folder_.string());
  }

  void start_count() override {
    cpu_us_ = control_number(folder_ / "cpu.stat", "usage_usec");
    oom_kills_ = control_number(folder_ / "memory.events", "oom_kill");
    refused_ = control_number(folder_ / "pids.events", "max");
    memory_before_ = control_number(folder_ / "memory.peak");
    processes_before_ = control_number(folder_ / "pids.peak");
    seen_memory_ = seen_processes_ = 0;
  }

  GroupUsage usage() override {
    GroupUsage usage;
    const int64_t cpu_us = control_number(folder_ / "cpu.stat", "usage_usec");
    usage.cpu_s = static_cast<double>(cpu_us - cpu_us_) * 1e-6;
    usage.oom_kills = control_number(folder_ / "memory.events", "oom_kill") - oom_kills_;
    usage.refused_forks = control_number(folder_ / "pids.events", "max") - refused_;
    // The kernel's peaks cannot be reset: they tell of this count only when they have grown.
    const int64_t memory = control_number(folder_ / "memory.peak");
    seen_memory_ = std::max(seen_memory_, control_number(folder_ / "memory.current"));
    usage.peak_memory_bytes = memory > memory_before_ ? memory : seen_memory_;
    const int64_t processes = control_number(folder_ / "pids.peak");
    seen_processes_ = std::max(seen_processes_, control_number(folder_ / "pids.current"));
    usage.peak_processes = std::max(
        int64_t{0}, (processes > processes_before_ ? processes : seen_processes_) - kOwnProcesses);
    return usage;
  }

  void kill() override { write_control(folder_ / "cgroup.kill", "1"); }

  bool wait_empty(int milliseconds) override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (control_number(folder_ / "pids.current") > 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

 private:
  fs::path folder_;
  UniqueFd join_;
  int64_t cpu_us_ = 0, oom_kills_ = 0, refused_ = 0;
  int64_t memory_before_ = 0, processes_before_ = 0, seen_memory_ = 0, seen_processes_ = 0;
};

class Cgroups2 : public Groups {
 public:
  explicit Cgroups2(fs::path folder) : folder_(std::move(folder)) {}
  std::string_view backend() const override { return "cgroup2"; }
  std::unique_ptr<Group> make(int slot) override {
    return std::make_unique<Cgroup2>(folder_, slot);
  }

 private:
  fs::path folder_;
};

bool has_all(const fs::path& file) {
  std::istringstream words(read_control(file));
  int found = 0;
  for (std::string word; words >> word;) {
    found += word == "memory" || word == "pids" || word == "cpu";
  }
  return found == 3;
}

// A group with members of its own may not divide its resources: they move into a leaf below it.
void move_members(const fs::path& folder) {
  const fs::path leaf = folder / "reckon-members";
  if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return;
  std::istringstream members(read_control(folder / "cgroup.procs"));
  for (std::string pid; members >> pid;) write_control(leaf / "cgroup.procs", pid);
}

}  // namespace

std::unique_ptr<Groups> make_cgroup2(const fs::path& folder, std::string& why) {
  if (!has_all(folder / "cgroup.controllers")) {
    why = fmt::format("{} does not offer memory, pids and cpu", folder.string());
    return nullptr;
  }
  if (::access(folder.c_str(), W_OK) != 0 ||
      ::access((folder / "cgroup.procs").c_str(), W_OK) != 0) {
    why = fmt::format("{} is not delegated to this user", folder.string());
    return nullptr;
  }
  remove_stale_groups(folder);
  const fs::path control = folder / "cgroup.subtree_control";
  if (!has_all(control) && !write_control(control, kWanted)) {
    move_members(folder);
    write_control(control, kWanted);
  }
  if (!has_all(control)) {
    why = fmt::format("{} does not take {}", control.string(), kWanted);
    return nullptr;
  }
  return std::make_unique<Cgroups2>(folder);
}

}  // namespace reckon::sandbox
