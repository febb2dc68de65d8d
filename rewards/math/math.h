#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rewards/math/grade.h"
#include "rewards/math/read.h"
#include "rewards/verdict.h"

namespace reckon::rewards::math {

/// Which part of a completion is looked at (option `region`).
enum class Region : uint8_t { after_think, answer_tag, whole };

/// How the answer stands in the region (option `style`).
enum class Style : uint8_t { boxed, tag, hash, line, lenient };

struct MathOptions {
  Region region = Region::after_think;
  Style style = Style::boxed;
  bool think_prefilled = false;  ///< the prompt opened <think>
  ReadOptions read;
  EqualityOptions equality;
};

/// The answer text of a completion, or why there is none (`no_region`, `no_answer`, `bad_box`).
struct Extraction {
  std::string_view text;  ///< a view into the completion; empty on failure
  bool found = false;
  Reason failure = Reason::no_answer;
};
Extraction extract(std::string_view completion, const MathOptions& options);

/// Grades a completion, or a bare answer, against the text of the gold. A gold may itself hold a
/// box; then the box counts. Thread-safe.
Verdict grade_completion(std::string_view completion, std::string_view gold,
                         const MathOptions& options = {});
Verdict grade_answer(std::string_view answer, std::string_view gold,
                     const MathOptions& options = {});

}  // namespace reckon::rewards::math
