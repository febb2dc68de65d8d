#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/watch/run_files.h"

namespace reckon::watch {

/// A made-up run of a chain: the stages base, zero and dev1, then the eval stages exam (all three
/// policies) and lists (zero and dev1).
class ChainRun : public RunFiles {
 public:
  explicit ChainRun(int64_t seed = 1);

  /// A line of stage `exam`: of four samples a prompt, so many are right.
  void add_exam(const std::string& policy, const std::vector<int64_t>& right) const;
  /// The three lines of `exam` and the two of `lists`. Of 8 prompts base answers half, dev1 all but
  /// `wrong` of 32 samples, and zero lies between.
  void add_exams(int64_t wrong = 2) const;
  /// stages/NAME/cost.json.
  void put_cost(const std::string& stage, const nlohmann::json& cost) const;
};

}  // namespace reckon::watch
