#include <map>
#include <sstream>

#include "sandbox/group.h"
#include "sandbox/group_files.h"

namespace reckon::sandbox {
namespace {

namespace fs = std::filesystem;

struct Mount {
  std::string root;  // of the hierarchy that is seen there
  fs::path point;
};

// Mounted hierarchies by controller; version 2 under the empty name.
std::map<std::string, Mount> mounts() {
  std::map<std::string, Mount> found;
  std::istringstream lines(read_control("/proc/self/mountinfo"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, point, word, type, source, options;
    words >> id >> parent >> device >> root >> point;
    while (words >> word && word != "-") {
    }
    words >> type >> source >> options;
    if (type == "cgroup2") found.try_emplace("", Mount{root, point});
    if (type != "cgroup") continue;
    std::istringstream names(options);
    for (std::string name; std::getline(names, name, ',');) {
      found.try_emplace(name, Mount{root, point});
    }
  }
  return found;
}

// This process's group by controller, as /proc/self/cgroup says.
std::map<std::string, std::string> memberships() {
  std::map<std::string, std::string> found;
  std::istringstream lines(read_control("/proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string path = line.substr(second + 1);
    std::istringstream names(line.substr(first + 1, second - first - 1));
    std::string name;
    if (names.peek() == EOF) found[""] = path;
    while (std::getline(names, name, ',')) found[name] = path;
  }
  return found;
}

// Folder of this process's group; empty if its hierarchy is not mounted.
fs::path own_folder(const std::string& controller) {
  static const auto all_mounts = mounts();
  static const auto all_memberships = memberships();
  const auto mount = all_mounts.find(controller);
  const auto membership = all_memberships.find(controller);
  if (mount == all_mounts.end() || membership == all_memberships.end()) return {};
  std::string path = membership->second;
  const std::string& root = mount->second.root;
  // In a container the mount may show a part of the hierarchy only.
  if (root != "/" && path.starts_with(root)) path.erase(0, root.size());
  const fs::path folder = mount->second.point / fs::path(path).relative_path();
  std::error_code ignored;
  return fs::is_directory(folder, ignored) ? folder : mount->second.point;
}

}  // namespace

std::unique_ptr<Groups> find_groups(std::string& why) {
  std::string why2 = "cgroup v2 is not mounted";
  if (const fs::path folder = own_folder(""); !folder.empty()) {
    if (auto groups = make_cgroup2(folder, why2)) return groups;
  }
  std::string why1;
  auto groups = make_cgroup1(
      {own_folder("memory"), own_folder("pids"), own_folder("cpu"), own_folder("cpuacct")}, why1);
  if (!groups) why = why2 + "; " + why1;
  return groups;
}

}  // namespace reckon::sandbox
