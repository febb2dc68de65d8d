#pragma once

#include <cstdint>
#include <string_view>

namespace reckon::rewards::code {

/// How printed text is compared. Docs: docs/code-rewards.md.
enum class TextRule : uint8_t { exact, lines, tokens, near, checker };

/// A rule and, for `near`, its tolerances.
struct TextComparator {
  TextRule rule = TextRule::lines;
  double absolute = 1e-6;
  double relative = 1e-6;
};

/// Whether `actual` is as good as `expected` under any rule but `checker`. Bytes are compared as
/// they are, whether or not they are UTF-8. Linear in both texts, never throws, thread-safe.
bool same_text(std::string_view expected, std::string_view actual,
               const TextComparator& comparator = {});

}  // namespace reckon::rewards::code
