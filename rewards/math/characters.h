#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reckon::rewards::math {

/// `text` with the characters that mean mathematics written as LaTeX (2.4): signs, superscript and
/// subscript runs, full-width letters, blanks of all kinds. Other characters stay. Nothing if
/// `text` is not UTF-8. Linear.
std::optional<std::string> as_latex(std::string_view text);

/// The form in which texts are compared: NFKC, case folded, without blanks and a final stop.
/// Nothing that is not UTF-8 may come here.
std::string fold_text(std::string_view text);

}  // namespace reckon::rewards::math
