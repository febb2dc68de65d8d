#include "rewards/folded_text.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "core/error.h"
#include "core/utf8.h"

namespace reckon::rewards {

namespace {

std::string mapped(const std::string& text, const TextFolding& folding) {
  int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  if (folding.nfkc) options |= UTF8PROC_COMPAT;
  if (folding.fold_case) options |= UTF8PROC_CASEFOLD;
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &result,
                                 static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
  // Only lack of memory is left: the text is UTF-8.
  check(size >= 0, ErrorCode::internal, "expected text that can be normalised, got error {}", size);
  return {reinterpret_cast<const char*>(result), static_cast<size_t>(size)};
}

}  // namespace

std::string folded_text(std::string_view text, const TextFolding& folding) {
  std::string whole = replace_invalid_utf8(text);
  if (folding.nfkc || folding.fold_case) whole = mapped(whole, folding);
  std::string plain;
  bool blank = false;
  for (size_t at = 0; at < whole.size();) {
    const Utf8Step step = read_utf8(whole, at);
    const bool is_blank = is_white_space(step.character);
    if (!is_blank && blank && !plain.empty()) plain += ' ';
    if (!is_blank) plain.append(whole, at, step.size);
    blank = is_blank;
    at += step.size;
  }
  return plain;
}

}  // namespace reckon::rewards
