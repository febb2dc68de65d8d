#include "sandbox/group_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::sandbox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view kPrefix = "reckon-";
constexpr int kRemoveTries = 200;

// When a process began, in ticks since the machine did; empty if there is no such process.
std::string start_time(pid_t pid) {
  const std::string text = read_control(fmt::format("/proc/{}/stat", pid));
  // The name in brackets may hold blanks; 20 fields after it comes the start time.
  size_t at = text.rfind(')');
  if (at == std::string::npos) return {};
  for (int field = 0; field < 20 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  if (at == std::string::npos) return {};
  return text.substr(at + 1, text.find(' ', at + 1) - at - 1);
}

int64_t number(std::string_view text, int64_t otherwise) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : otherwise;
}

// Whether the owner named in "reckon-PID-START-SLOT" is gone.
bool is_stale(std::string_view name) {
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  const auto dash = name.find('-');
  const auto last = name.rfind('-');
  if (dash == std::string_view::npos || last <= dash) return false;
  const auto pid = static_cast<pid_t>(number(name.substr(0, dash), 0));
  return pid > 0 && start_time(pid) != name.substr(dash + 1, last - dash - 1);
}

}  // namespace

bool write_control(const fs::path& file, std::string_view text) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::string read_control(const fs::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> block;
  while (fd) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(block.data(), static_cast<size_t>(got));
  }
  return text;
}

int64_t control_number(const fs::path& file, std::string_view key, int64_t otherwise) {
  const std::string text = read_control(file);
  std::string_view rest = text;
  if (key.empty()) return number(rest, otherwise);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ') {
      return number(line.substr(key.size() + 1), otherwise);
    }
  }
  return otherwise;
}

std::string group_name(int slot) {
  return fmt::format("{}{}-{}-{}", kPrefix, ::getpid(), start_time(::getpid()), slot);
}

void remove_stale_groups(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (is_stale(entry.path().filename().string())) stale.push_back(entry.path());
  }
  for (const auto& path : stale) ::rmdir(path.c_str());
}

bool remove_group(const fs::path& folder) {
  for (int i = 0; i < kRemoveTries; ++i) {
    if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace reckon::sandbox
