#include "rewards/code/text_compare.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace reckon::rewards::code {

namespace {

constexpr size_t kMostNumberBytes = 400;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Gives the bytes of a text with CRLF read as LF.
class Unified {
 public:
  explicit Unified(std::string_view text) : text_(text) {
    if (text_.ends_with('\n')) text_.remove_suffix(1);
    if (text_.size() < text.size() && text_.ends_with('\r')) text_.remove_suffix(1);
  }
  /// The next byte; -1 at the end.
  int next() {
    if (at_ + 1 < text_.size() && text_[at_] == '\r' && text_[at_ + 1] == '\n') ++at_;
    return at_ < text_.size() ? static_cast<unsigned char>(text_[at_++]) : -1;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

bool same_exactly(std::string_view expected, std::string_view actual) {
  Unified a(expected);
  Unified b(actual);
  for (;;) {
    const int byte = a.next();
    if (byte != b.next()) return false;
    if (byte < 0) return true;
  }
}

std::string_view without_blanks_at_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Cuts the first line off `text`, without the blanks at its end.
std::string_view cut_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return without_blanks_at_end(line);
}

bool same_lines(std::string_view expected, std::string_view actual) {
  // What is cut here are exactly the blanks of the last line and the empty lines behind it.
  expected = without_blanks_at_end(expected);
  actual = without_blanks_at_end(actual);
  while (!expected.empty() && !actual.empty()) {
    if (cut_line(expected) != cut_line(actual)) return false;
  }
  return expected.empty() && actual.empty();
}

/// Cuts the first run of bytes that are no blanks off `text`; empty at the end.
std::string_view cut_token(std::string_view& text) {
  size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  size_t end = begin;
  while (end < text.size() && !is_blank(text[end])) ++end;
  const std::string_view token = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return token;
}

/// A finite number written as a plain decimal, with or without an exponent.
std::optional<double> decimal(std::string_view token) {
  if (token.size() > kMostNumberBytes) return std::nullopt;
  if (token.starts_with('+')) token.remove_prefix(1);
  if (token.empty() || token.find_first_not_of("+-.0123456789eE") != std::string_view::npos) {
    return std::nullopt;
  }
  if (token[0] == '+') return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool near_tokens(std::string_view expected, std::string_view actual,
                 const TextComparator& comparator) {
  const auto wanted = decimal(expected);
  if (!wanted) return expected == actual;
  const auto given = decimal(actual);
  if (!given) return false;
  const double bound = std::max(comparator.absolute, comparator.relative * std::abs(*wanted));
  return std::abs(*given - *wanted) <= bound;
}

}  // namespace

bool same_text(std::string_view expected, std::string_view actual,
               const TextComparator& comparator) {
  if (comparator.rule == TextRule::exact) return same_exactly(expected, actual);
  if (comparator.rule == TextRule::lines) return same_lines(expected, actual);
  for (;;) {
    const std::string_view wanted = cut_token(expected);
    const std::string_view given = cut_token(actual);
    if (wanted.empty() || given.empty()) return wanted.empty() && given.empty();
    const bool same = comparator.rule == TextRule::near ? near_tokens(wanted, given, comparator)
                                                        : wanted == given;
    if (!same) return false;
  }
}

}  // namespace reckon::rewards::code
