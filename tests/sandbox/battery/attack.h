#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reckon::tests {

/// A hostile (or honest) program and what must become of it, as the comment lines at its top say:
///
///     # what: One sentence.
///     # options: --cpu 0.5 --time 10      of `reckon sandbox`
///     # outcome: cpu_limit time_limit     the allowed ones
///     # rlimit_outcome: ok                the allowed ones where there are no control groups
///     # stdin: text\n                     or input_bytes: 1000
///     # stdout: exact\n                   or stdout_has:, stdout_not: (may repeat), stdout_bytes:
///     # exit_code: 3, signal: 9, truncated: yes, wall_below: 2.5, neighbour: yes
///
/// The source may hold @CANARY@, @TCP@, ..., which stand for things of the host.
struct Attack {
  std::string name;    ///< "memory/children.py"
  std::string suffix;  ///< ".py"
  std::string source;
  std::string what;
  std::vector<std::string> options;
  std::vector<std::string> outcomes;
  std::vector<std::string> rlimit_outcomes;
  std::string input;
  std::optional<std::string> output;
  std::vector<std::string> output_has;
  std::vector<std::string> output_not;
  std::optional<size_t> output_bytes;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<bool> truncated;
  double wall_below_s = 0.0;  ///< 0: only the limit of the options
  bool neighbour = false;     ///< an honest program runs beside it and must not notice

  /// The number after `option` in `options`, or `otherwise`.
  double number(const std::string& option, double otherwise) const;
};

/// Reads an attack. Throws Error(corrupt) for a key that is unknown or a missing outcome.
Attack read_attack(const std::filesystem::path& file);

/// The files of all attacks below `folder`, sorted; empty if there is no such folder.
std::vector<std::filesystem::path> attack_files(const std::filesystem::path& folder);

/// `text` with each key of `values` replaced by its value.
std::string with_values(std::string text, const std::map<std::string, std::string>& values);

}  // namespace reckon::tests
