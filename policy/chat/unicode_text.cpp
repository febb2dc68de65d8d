#include "policy/chat/unicode_text.h"

#include <utf8proc.h>

#include "core/utf8.h"

namespace reckon::policy::jinja {

namespace {

bool is_cased(char32_t character) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(character));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
         category == UTF8PROC_CATEGORY_LT;
}

char32_t converted(char32_t character, LetterCase wanted) {
  const auto code = static_cast<utf8proc_int32_t>(character);
  if (wanted == LetterCase::upper) return static_cast<char32_t>(utf8proc_toupper(code));
  if (wanted == LetterCase::lower) return static_cast<char32_t>(utf8proc_tolower(code));
  return static_cast<char32_t>(utf8proc_totitle(code));
}

// Whether one of the characters of `set` is `character`; white space if `set` is empty.
bool in_set(std::string_view set, std::string_view character) {
  if (set.empty()) {
    const Utf8Step step = read_utf8(character, 0);
    return step.valid && is_python_space(step.character);
  }
  for (size_t at = 0; at < set.size();) {
    const size_t size = read_utf8(set, at).size;
    if (set.substr(at, size) == character) return true;
    at += size;
  }
  return false;
}

// Where the last character of `text`, which is not empty, begins.
size_t last_start(std::string_view text) {
  for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    const size_t at = text.size() - size;
    const Utf8Step step = read_utf8(text, at);
    if (step.valid && step.size == size) return at;
  }
  return text.size() - 1;
}

}  // namespace

void append_utf8(std::string& text, char32_t character) {
  const auto byte = [&](char32_t bits) { text += static_cast<char>(bits); };
  if (character < 0x80) return byte(character);
  if (character < 0x800) {
    byte(0xC0 | (character >> 6));
  } else {
    if (character < 0x10000) {
      byte(0xE0 | (character >> 12));
    } else {
      byte(0xF0 | (character >> 18));
      byte(0x80 | ((character >> 12) & 0x3F));
    }
    byte(0x80 | ((character >> 6) & 0x3F));
  }
  byte(0x80 | (character & 0x3F));
}

std::vector<size_t> character_starts(std::string_view text) {
  std::vector<size_t> starts;
  for (size_t at = 0; at < text.size(); at += read_utf8(text, at).size) starts.push_back(at);
  starts.push_back(text.size());
  return starts;
}

size_t character_count(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += read_utf8(text, at).size) ++count;
  return count;
}

bool is_python_space(char32_t character) {
  return is_white_space(character) || (character >= 0x1C && character <= 0x1F);
}

std::string_view strip_left(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const size_t size = read_utf8(text, 0).size;
    if (!in_set(set, text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  return text;
}

std::string_view strip_right(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const size_t start = last_start(text);
    if (!in_set(set, text.substr(start))) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string with_case(std::string_view text, LetterCase wanted) {
  std::string result;
  bool inside = false;  // behind the first character, or behind a letter for titles
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (!step.valid) {
      result += text[at++];
      continue;
    }
    at += step.size;
    LetterCase here = wanted;
    if (inside && (wanted == LetterCase::capitalize || wanted == LetterCase::title)) {
      here = LetterCase::lower;
    }
    if (step.character == U'\u00DF' && here != LetterCase::lower) {
      result += here == LetterCase::upper ? "SS" : "Ss";  // the only common letter that grows
    } else {
      append_utf8(result, converted(step.character, here));
    }
    inside = wanted == LetterCase::capitalize || is_cased(step.character);
  }
  return result;
}

}  // namespace reckon::policy::jinja
