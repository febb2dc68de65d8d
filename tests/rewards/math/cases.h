#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "rewards/math/math.h"

namespace reckon::rewards::math {

/// A gold, an answer, and whether they are equal.
struct Case {
  std::string_view gold;
  std::string_view answer;
  bool equal;
};

/// Checks each case, naming the ones that fail.
inline void check_cases(std::initializer_list<Case> cases, const MathOptions& options = {}) {
  for (const Case& c : cases) {
    const Verdict verdict = grade_answer(c.answer, c.gold, options);
    INFO("gold " << std::string(c.gold) << " answer " << std::string(c.answer) << " reason "
                 << std::string(to_string(verdict.reason)) << " " << verdict.detail);
    REQUIRE(verdict.score.has_value());
    CHECK(*verdict.score == (c.equal ? 1.0 : 0.0));
  }
}

/// The reason of one answer.
inline Reason reason_of(std::string_view gold, std::string_view answer,
                        const MathOptions& options = {}) {
  return grade_answer(answer, gold, options).reason;
}

}  // namespace reckon::rewards::math
