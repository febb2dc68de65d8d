#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rewards/math/tree.h"
#include "rewards/verdict.h"

namespace reckon::rewards::math {

/// What a token is. `Token::detail` says more where several share a kind.
enum class TokenKind : uint8_t {
  end,
  other,      ///< a character that means nothing here
  number,     ///< `Token::number`
  letter,     ///< one letter, or a named one such as \alpha
  word,       ///< letters that are no product: a unit, or unknown
  text,       ///< what stood in \text{...} and its like, trimmed
  function,   ///< `detail` is a `Function`
  call,       ///< an unknown function by name, from \operatorname
  constant,   ///< `detail` is a `Constant`
  named_set,  ///< `detail` is a `NamedSet`
  empty_set,
  accent,  ///< \vec and its like
  fraction,
  binomial,
  root,
  cube_root,
  over,
  choose,  ///< infix in a group
  sum,
  product,
  integral,
  limit,
  dots,
  begin,
  finish,  ///< of an environment; `text` is its name
  cell,
  row,  ///< the ampersand and the double backslash of a table
  left_brace,
  right_brace,  ///< of a group
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  left_set,
  right_set,  ///< \{ and \}
  left_angle,
  right_angle,
  left_floor,
  right_floor,
  left_ceil,
  right_ceil,
  left_bar,
  right_bar,  ///< \left| and \right|, \lvert and \rvert
  bar,
  comma,
  separator,  ///< `separator` is ; and the words "and", "or"
  colon,
  relation,  ///< `detail` is a `Relation`
  equivalent,
  member,
  set_union,
  set_intersection,
  set_difference,
  plus,
  minus,
  plus_minus,  ///< `detail` of the last is 1 for ∓
  times,
  slash,
  modulo,
  modulo_of,  ///< \bmod, \pmod
  caret,
  underscore,
  factorial,
  prime,
  percent,
  degree,
  currency,  ///< `text` of the last is its sign
  arrow,
};

/// A token. Its texts are views into the text that was scanned, or into constants.
struct Token {
  TokenKind kind = TokenKind::end;
  uint8_t detail = 0;
  bool blank_before = false;
  std::string_view text = {};  ///< the name, the letter, the content
  std::string_view raw = {};   ///< as it was written
  uint32_t number = 0;         ///< place in `Tokens::numbers`
};

/// The tokens of a text; the last is `end`.
struct Tokens {
  std::vector<Token> list;
  std::vector<Number> numbers;
  bool thousands = false;  ///< a comma was read as a separator of thousands, and might not be one
  bool words = false;      ///< it holds words, so that it may be a text
  bool ok = true;
  Reason failure = Reason::unreadable;
};

}  // namespace reckon::rewards::math
