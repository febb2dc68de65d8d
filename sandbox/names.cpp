#include <array>

#include "sandbox/sandbox.h"

namespace reckon::sandbox {
namespace {

constexpr std::array<std::string_view, 14> kOutcomes = {
    "ok",           "nonzero_exit",   "signal",
    "time_limit",   "cpu_limit",      "memory_limit",
    "output_limit", "file_limit",     "process_limit",
    "denied",       "protocol_error", "compile_error",
    "not_started",  "cancelled"};
constexpr std::array<std::string_view, 4> kLanguages = {"python", "cpp", "c", "bash"};

constexpr double kWallFactor = 3.0;
constexpr double kWallExtra = 2.0;

}  // namespace

std::string_view to_string(OutcomeKind kind) { return kOutcomes.at(static_cast<size_t>(kind)); }
std::string_view to_string(Language language) {
  return kLanguages.at(static_cast<size_t>(language));
}

std::optional<Language> language_from(std::string_view name) {
  if (name == "c++") return Language::cpp;
  for (size_t i = 0; i < kLanguages.size(); ++i) {
    if (kLanguages[i] == name) return static_cast<Language>(i);
  }
  return {};
}

Limits run_limits(Language language) {
  Limits limits;
  if (language == Language::cpp || language == Language::c) {
    limits.cpu_s = 2.0;
    limits.memory_bytes = int64_t{256} << 20;
    limits.processes = 16;
  }
  limits.wall_s = kWallFactor * limits.cpu_s + kWallExtra;
  return limits;
}

Limits compile_limits(Language) {
  Limits limits;
  limits.cpu_s = 20.0;
  limits.wall_s = 60.0;
  limits.memory_bytes = int64_t{1} << 30;
  limits.processes = 16;
  limits.stdout_bytes = int64_t{64} << 10;
  limits.disk_bytes = int64_t{128} << 20;
  limits.file_bytes = int64_t{64} << 20;
  return limits;
}

}  // namespace reckon::sandbox
