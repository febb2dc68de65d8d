#pragma once

#include <string>
#include <string_view>

#include "rewards/math/tree.h"

namespace reckon::rewards::math {

/// The sign of a currency, as "$" for "USD", "dollars"; empty if `word` is none. Exact in case for
/// signs and codes.
std::string_view currency_of(std::string_view word);

/// Whether plain letters are a unit or a counted thing, not a product: "cm", "feet", "ways".
/// Letters alone are not: m may be a variable.
bool is_unit_word(std::string_view word);

/// Whether `letter` is a unit where a text says so: the m of 5\text{ m}.
bool is_unit_letter(std::string_view letter);

/// What a phrase behind a number says.
enum class Phrase : uint8_t {
  known,    ///< a unit, a currency, percent, or degrees; it is put into the marks
  counted,  ///< units of no name that is known: "right triangles"
  other,    ///< words that change the meaning: "or more"
};

/// Reads `phrase`, such as "square cm", "m/s", "dollars", and notes it in `marks`.
Phrase read_unit(std::string_view phrase, Marks& marks);

/// The factor that "thousand", "million", ... stand for, as a power of ten; 0 if it is none.
int multiplier_of(std::string_view word);

}  // namespace reckon::rewards::math
