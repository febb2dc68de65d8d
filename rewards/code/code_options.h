#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "rewards/code/program_text.h"
#include "rewards/code/text_compare.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// Options of grading one program. Docs: docs/code-rewards.md.
struct CodeOptions {
  Region region = Region::after_think;
  bool think_prefilled = false;  ///< the prompt opened <think>
  std::optional<sandbox::Language> language;
  TextComparator comparator;
  std::optional<bool> tuple_as_list;
  bool fraction = false;         ///< score: the share of tests that passed
  bool challenge_tests = false;  ///< the column `challenge_tests` counts too
  bool per_test = false;         ///< a box for each test
  int64_t max_tests = 0;         ///< 0: all
  double total_s = 60.0;         ///< wall time of all tests together
};

/// Reads the options of a request. Throws Error(invalid_argument) that names the key.
CodeOptions read_options(const nlohmann::json& request);

/// `limits` with what the object `limits` of the request says. Throws Error(invalid_argument).
sandbox::Limits read_limits(const nlohmann::json& request, sandbox::Limits limits);

}  // namespace reckon::rewards::code
