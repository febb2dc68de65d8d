#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <charconv>
#include <fstream>

#include "rl/memory_plan.h"

namespace reckon::rl {
namespace {

// The first number of a file of the kernel, or of its line that begins with `key`.
std::optional<uint64_t> number_in(const std::string& path, const std::string& key = {}) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto digits = line.find_first_of("0123456789", key.size());
    if (digits == std::string::npos) return {};
    uint64_t value = 0;
    const auto parsed = std::from_chars(line.data() + digits, line.data() + line.size(), value);
    return parsed.ec == std::errc() ? std::optional(value) : std::nullopt;
  }
  return {};
}

// What the tightest of the process's cgroups (version 2) still gives.
std::optional<uint64_t> left_in_cgroups() {
  std::ifstream file("/proc/self/cgroup");
  std::optional<uint64_t> least;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("0::/")) continue;
    std::filesystem::path folder = "/sys/fs/cgroup" + line.substr(3);
    for (; folder.string().starts_with("/sys/fs/cgroup"); folder = folder.parent_path()) {
      const auto limit = number_in((folder / "memory.max").string());
      const auto used = number_in((folder / "memory.current").string());
      if (!limit || !used) continue;
      // Pages of files count as used but make room when asked to.
      const auto files = number_in((folder / "memory.stat").string(), "inactive_file ");
      const uint64_t held = *used - std::min(*used, files.value_or(0));
      const uint64_t left = *limit - std::min(*limit, held);
      least = std::min(left, least.value_or(left));
    }
  }
  return least;
}

std::optional<uint64_t> available_on_cpu() {
  const auto free = number_in("/proc/meminfo", "MemAvailable:");
  const auto own = number_in("/proc/self/status", "VmRSS:");
  if (!free || !own) return {};
  const auto left = left_in_cgroups();
  return std::min(*free * 1024, left.value_or(UINT64_MAX)) + *own * 1024;
}

}  // namespace

std::optional<uint64_t> available_memory(const at::Device& device) {
  if (device.is_cpu()) return available_on_cpu();
  if (!at::hasCUDA()) return {};
  auto* allocator = c10::getDeviceAllocator(at::kCUDA);
  const auto index = std::max<c10::DeviceIndex>(0, device.index());
  const auto stats = allocator->getDeviceStats(index);
  constexpr auto kAll = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return allocator->getMemoryInfo(index).first +
         static_cast<uint64_t>(stats.reserved_bytes[kAll].current);
}

}  // namespace reckon::rl
