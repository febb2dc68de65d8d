#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>

namespace reckon::test {

/// The parent of process `pid`; 0 if there is no such process, or a dead one that nobody reaped.
inline pid_t parent_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t end = text.rfind(')');
  if (end == std::string::npos || text[end + 2] == 'Z') return 0;
  return std::stoi(text.substr(end + 4));
}

/// All living processes below `root`, itself not counted.
inline std::set<pid_t> descendants(pid_t root) {
  std::set<pid_t> found;
  std::set<pid_t> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos) all.insert(std::stoi(name));
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const pid_t pid : all) {
      const pid_t parent = parent_of(pid);
      if (parent == 0 || (parent != root && !found.contains(parent))) continue;
      grew = found.insert(pid).second || grew;
    }
  }
  return found;
}

/// Waits until `done`, at most `limit`; false if it never was.
inline bool eventually(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// How many descriptors this process has open.
inline size_t open_descriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

}  // namespace reckon::test
