#pragma once

#include <string>
#include <string_view>

namespace reckon::rewards {

/// Which differences between texts do not count.
struct TextFolding {
  bool nfkc = true;        ///< forms of one character: full width, ligatures, composed accents
  bool fold_case = false;  ///< capitals
};

/// `text` with these differences taken out, trimmed, and one blank for each run of white space.
/// Bytes that are not UTF-8 become U+FFFD. Thread-safe.
std::string folded_text(std::string_view text, const TextFolding& folding);

}  // namespace reckon::rewards
