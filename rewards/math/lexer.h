#pragma once

#include <string_view>

#include "rewards/math/read.h"
#include "rewards/math/token.h"

namespace reckon::rewards::math {

/// What a comma between digits may mean.
enum class Commas : uint8_t {
  thousands,  ///< 1,234 is one number
  list,       ///< 1,234 are two
  decimal,    ///< 1,22 is one number
};

/// Cuts `text`, which went through `as_latex`, into tokens. They view `text`. Linear. Letters
/// without a vowel, as xyz, are products where the text has signs or digits, unless it was
/// `worded`: the argument of a \text.
Tokens scan(std::string_view text, Commas commas, bool worded);

}  // namespace reckon::rewards::math
