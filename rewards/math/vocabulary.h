#pragma once

#include <optional>
#include <string_view>

#include "rewards/math/token.h"

namespace reckon::rewards::math {

/// How the scanner treats a LaTeX command or a word.
enum class Treatment : uint8_t {
  token,          ///< it is the token that `kind` and `detail` say
  skip,           ///< it is dropped
  skip_argument,  ///< dropped with its argument: \phantom, \hspace
  text,           ///< its argument is a text
  font,           ///< its argument is mathematics in another font
  operator_name,
  environment,  ///< \begin, \end
  blackboard,   ///< \mathbb
  delimiter,    ///< \left, \right, \middle
};

/// What is known of a command or a word.
struct Meaning {
  std::string_view name;
  Treatment treatment = Treatment::token;
  TokenKind kind = TokenKind::other;
  uint8_t detail = 0;
};

/// The meaning of the command `name`, without its backslash; nothing if it is unknown.
std::optional<Meaning> find_command(std::string_view name);

/// The meaning of a plain word or of a letter alone, such as `sin`, `pi`, `e`, `and`.
std::optional<Meaning> find_word(std::string_view word);

}  // namespace reckon::rewards::math
