#pragma once

#include <string_view>
#include <vector>

#include "rewards/math/read.h"
#include "rewards/verdict.h"

namespace reckon::rewards::math {

/// Options of the decision.
struct EqualityOptions {
  bool exact_decimals = false;     ///< `decimal_rule: exact` turns rule 2 off
  bool require_evaluated = false;  ///< rule 6
};

/// Decides whether a prediction is the gold. Either may have up to two readings; they are equal if
/// any pair is. Never throws on content; always ends within a bounded number of steps, and at the
/// latest after `time_limit_ms` between steps (`undecided`). Not to be trusted with the process:
/// the libraries below abort when memory ends, so it runs in a worker. Thread-safe.
Verdict decide(const std::vector<Reading>& gold, const std::vector<Reading>& prediction,
               const EqualityOptions& options = {}, int time_limit_ms = 200);

}  // namespace reckon::rewards::math
