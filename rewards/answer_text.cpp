#include "rewards/answer_text.h"

#include <array>
#include <charconv>
#include <vector>

#include "core/text.h"

namespace reckon::rewards {

namespace {

constexpr std::string_view kBox = "\\boxed{";
constexpr std::array<std::string_view, 3> kFractions = {"\\frac{", "\\dfrac{", "\\tfrac{"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

/// Cuts `prefix` from the front of `text` if it stands there.
bool cut(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Cuts signs and currency marks from the front; true if the number is negative. Nothing if there
/// is more than one sign.
std::optional<bool> cut_sign(std::string_view& text) {
  bool negative = false;
  int signs = 0;
  for (;;) {
    text = trim(text);
    // The last one is U+2212, the minus sign of typesetting.
    if (cut(text, "-") || cut(text, "\xe2\x88\x92")) {
      negative = true;
      ++signs;
    } else if (cut(text, "+")) {
      ++signs;
    } else if (!cut(text, "$") && !cut(text, "\\$")) {
      break;
    }
  }
  if (signs > 1) return std::nullopt;
  return negative;
}

/// Cuts what may follow a number.
std::string_view without_suffix(std::string_view text) {
  if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
  text = trim(text);
  for (const std::string_view mark : {"\\%", "%", "\\$", "$"}) {
    if (text.ends_with(mark)) {
      text.remove_suffix(mark.size());
      break;
    }
  }
  return trim(text);
}

/// The digits of an integer in which commas may separate groups of three; nothing if it is none.
std::optional<std::string> join_groups(std::string_view text) {
  std::string digits;
  const size_t comma = text.find(',');
  const size_t first = std::min(comma, text.size());
  if (!is_digits(text.substr(0, first))) return std::nullopt;
  if (comma == std::string_view::npos) return std::string(text);
  if (first == 0 || first > 3) return std::nullopt;
  digits = text.substr(0, first);
  for (size_t at = first; at < text.size(); at += 4) {
    const std::string_view group = text.substr(at, 4);
    if (group.size() != 4 || group[0] != ',' || !is_digits(group.substr(1))) return std::nullopt;
    digits += group.substr(1);
  }
  return digits;
}

/// An unsigned decimal.
std::optional<Rational> read_decimal(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  if (point + 1 == text.size()) return std::nullopt;
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const std::optional<std::string> whole = join_groups(text.substr(0, point));
  if (!whole || !is_digits(fraction) || (whole->empty() && fraction.empty())) return std::nullopt;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  const std::string digits = *whole + std::string(fraction);
  int64_t numerator = 0;
  if (!digits.empty()) {
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), numerator);
    if (error != std::errc()) return std::nullopt;
  }
  if (fraction.size() > 18) return std::nullopt;
  int64_t denominator = 1;
  for (size_t i = 0; i < fraction.size(); ++i) denominator *= 10;
  return Rational::divide(Rational(numerator), Rational(denominator));
}

/// `a/b` or \frac{a}{b} of unsigned integers, or an unsigned decimal.
std::optional<Rational> read_unsigned(std::string_view text) {
  std::string_view top;
  std::string_view bottom;
  std::string_view rest = text;
  if (cut(rest, kFractions[0]) || cut(rest, kFractions[1]) || cut(rest, kFractions[2])) {
    const size_t middle = rest.find("}{");
    if (middle == std::string_view::npos || !rest.ends_with('}')) return std::nullopt;
    top = rest.substr(0, middle);
    bottom = rest.substr(middle + 2, rest.size() - middle - 3);
  } else if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    top = text.substr(0, slash);
    bottom = text.substr(slash + 1);
  } else {
    return read_decimal(text);
  }
  const std::optional<Rational> a = read_decimal(trim(top));
  const std::optional<Rational> b = read_decimal(trim(bottom));
  if (!a || !b || b->numerator() == 0) return std::nullopt;
  return Rational::divide(*a, *b);
}

std::optional<std::string_view> non_empty(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string_view> extract_line(std::string_view text) {
  const size_t mark = text.rfind("####");
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(mark + 4);
  return non_empty(line.substr(0, line.find('\n')));
}

std::optional<std::string_view> extract_tag(std::string_view text) {
  constexpr std::string_view kBegin = "<answer>";
  const size_t end = text.rfind("</answer>");
  if (end == std::string_view::npos) return std::nullopt;
  const size_t begin = text.substr(0, end).rfind(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  return non_empty(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
}

}  // namespace

BoxedScan scan_boxed(std::string_view text) {
  constexpr size_t kPlain = std::string_view::npos;
  BoxedScan scan;
  std::vector<size_t> open;  // of each open brace: where the content of its box begins, or kPlain
  size_t last_begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with(kBox)) {
      at += kBox.size() - 1;
      open.push_back(at + 1);
    } else if (text[at] == '\\') {
      ++at;  // the next character is no brace of ours
    } else if (text[at] == '{') {
      open.push_back(kPlain);
    } else if (text[at] == '}' && !open.empty()) {
      const size_t begin = open.back();
      open.pop_back();
      if (begin == kPlain) continue;
      ++scan.complete;
      if (begin < last_begin) continue;
      last_begin = begin;
      scan.last = trim(text.substr(begin, at - begin));
    }
  }
  for (const size_t begin : open) scan.unfinished += begin == kPlain ? 0 : 1;
  return scan;
}

std::string_view after_thought(std::string_view completion) {
  constexpr std::string_view kEnd = "</think>";
  const size_t end = completion.rfind(kEnd);
  return end == std::string_view::npos ? completion : completion.substr(end + kEnd.size());
}

std::string_view without_end_marks(std::string_view completion) {
  for (;;) {
    completion = trim(completion);
    if (completion.ends_with("|>")) {
      const size_t begin = completion.rfind("<|");
      if (begin == std::string_view::npos) return completion;
      completion = completion.substr(0, begin);
    } else if (completion.ends_with("</s>")) {
      completion.remove_suffix(4);
    } else if (completion.ends_with("<eos>")) {
      completion.remove_suffix(5);
    } else {
      return completion;
    }
  }
}

std::optional<std::string_view> extract_answer(std::string_view completion, AnswerForm form) {
  const std::string_view text = after_thought(without_end_marks(completion));
  const bool any = form == AnswerForm::automatic;
  if (any || form == AnswerForm::boxed) {
    const BoxedScan boxed = scan_boxed(text);
    if (boxed.complete > 0 || !any) return non_empty(boxed.last);
  }
  if (any || form == AnswerForm::gsm8k) {
    const auto line = extract_line(text);
    if (line || !any) return line;
  }
  return extract_tag(text);
}

std::optional<Rational> read_number(std::string_view text) {
  text = without_suffix(trim(text));
  const std::optional<bool> negative = cut_sign(text);
  if (!negative) return std::nullopt;
  // `{,}` is how LaTeX writes a comma without a blank behind it.
  std::string plain;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool wrapped = text.substr(at).starts_with("{,}");
    plain += wrapped ? ',' : text[at];
    at += wrapped ? 2 : 0;
  }
  const std::optional<Rational> value = read_unsigned(plain);
  if (!value || !*negative) return value;
  return Rational::subtract(Rational(0), *value);
}

std::string canonical_answer(std::string_view text) {
  if (const std::optional<Rational> number = read_number(text)) return number->text();
  std::string plain;
  bool blank = false;
  for (const char c : trim(text)) {
    const bool is_blank = kBlanks.find(c) != std::string_view::npos;
    if (is_blank && !blank) plain += ' ';
    if (!is_blank) plain += c;
    blank = is_blank;
  }
  return plain;
}

}  // namespace reckon::rewards
