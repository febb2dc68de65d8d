// The answer of a completion: first the region that counts, then the answer in it.
#include <algorithm>
#include <cstring>
#include <optional>

#include "core/text.h"
#include "core/utf8.h"
#include "rewards/math/cleanup.h"
#include "rewards/math/math.h"
#include "rewards/math/scanner_classes.h"

namespace reckon::rewards::math {

namespace {

constexpr size_t kNone = std::string_view::npos;

Extraction failure(Reason reason) { return {{}, false, reason}; }

/// All blanks of ASCII.
std::string_view trimmed(std::string_view text) { return trim(text, " \t\n\v\f\r"); }

Extraction found(std::string_view text) {
  text = trimmed(text);
  return text.empty() ? failure(Reason::no_answer) : Extraction{text, true, Reason::no_answer};
}

/// The text behind the last </think>; nothing if a thought is open at the end.
std::optional<std::string_view> after_thought(std::string_view text, bool prefilled) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  const size_t close = text.rfind(kClose);
  const size_t open = text.rfind(kOpen);
  if (close == kNone) {
    if (prefilled || open != kNone) return std::nullopt;
    return text;
  }
  if (open != kNone && open > close) return std::nullopt;
  return text.substr(close + kClose.size());
}

/// The content of the one <answer> pair.
std::optional<std::string_view> answer_tag(std::string_view text) {
  constexpr std::string_view kOpen = "<answer>";
  constexpr std::string_view kClose = "</answer>";
  const size_t open = text.find(kOpen);
  const size_t close = text.find(kClose);
  if (open == kNone || close == kNone || close < open) return std::nullopt;
  if (text.rfind(kOpen) != open || text.rfind(kClose) != close) return std::nullopt;
  return text.substr(open + kOpen.size(), close - open - kOpen.size());
}

std::optional<std::string_view> region_of(std::string_view completion, const MathOptions& options) {
  if (options.region == Region::whole) return completion;
  const auto after = after_thought(completion, options.think_prefilled);
  if (!after || options.region == Region::after_think) return after;
  return answer_tag(*after);
}

/// Where the argument of the last box begins, or npos. Reads \boxed and \fbox, not \boxedx.
size_t last_box(std::string_view text) {
  size_t result = kNone;
  for (size_t at = text.find('\\'); at != kNone; at = text.find('\\', at)) {
    for (const std::string_view name : {"\\boxed", "\\fbox"}) {
      const size_t end = at + name.size();
      if (text.substr(at).starts_with(name) && (end == text.size() || !is_letter(text[end]))) {
        result = end;
      }
    }
    // Behind a backslash the next character is no beginning: \\boxed is a new row.
    at += 2;
    if (at > text.size()) break;
  }
  return result;
}

/// The single token that is the argument of a box without braces: \boxed 57, \boxed\pi.
std::string_view one_token(std::string_view text, size_t at) {
  size_t end = at + 1;
  if (text[at] == '\\') {
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at + 1 && end < text.size()) ++end;
  } else if (is_digit(text[at])) {
    // TeX would take one digit; whoever writes \boxed 57 means the number.
    while (end < text.size() && is_digit(text[end])) ++end;
  } else {
    const Utf8Step step = read_utf8(text, at);
    end = at + (step.valid ? step.size : 1);
  }
  return text.substr(at, end - at);
}

Extraction boxed(std::string_view region) {
  size_t at = last_box(region);
  if (at == kNone) return failure(Reason::no_answer);
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (at < region.size() && blank(region[at])) ++at;
  if (at == region.size() || region[at] == '}' || region[at] == '$') {
    return failure(Reason::bad_box);
  }
  if (region[at] != '{') return {one_token(region, at), true, Reason::no_answer};
  const size_t close = closing_brace(region, at);
  if (close == kNone) return failure(Reason::bad_box);
  const std::string_view content = trimmed(region.substr(at + 1, close - at - 1));
  if (content.empty()) return failure(Reason::bad_box);
  return {content, true, Reason::no_answer};
}

std::string_view line_at(std::string_view text, size_t from) {
  return text.substr(from, std::min(text.find_first_of("\n\r", from), text.size()) - from);
}

Extraction hash(std::string_view region) {
  const size_t mark = region.rfind("####");
  if (mark == kNone) return failure(Reason::no_answer);
  return found(line_at(region, mark + 4));
}

bool starts_with_folded(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = is_upper(text[i]) ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != word[i]) return false;
  }
  return true;
}

/// Behind the last "Answer:" that begins a line; **Answer:** begins one as well.
Extraction answer_line(std::string_view region) {
  std::optional<std::string_view> last;
  for (size_t from = 0; from <= region.size();) {
    const std::string_view whole = line_at(region, from);
    std::string_view line = trimmed(whole);
    const bool bold = line.starts_with("**");
    if (bold) line.remove_prefix(2);
    if (starts_with_folded(line, "answer:")) {
      line.remove_prefix(7);
      if (bold && line.starts_with("**"))
        line.remove_prefix(2);
      else if (bold && line.ends_with("**"))
        line.remove_suffix(2);
      last = line;
    }
    from += whole.size() + 1;
  }
  return last ? found(*last) : failure(Reason::no_answer);
}

/// Behind the last "final answer is", up to the end of the sentence.
std::optional<std::string_view> after_phrase(std::string_view region) {
  constexpr std::string_view kPhrase = "final answer is";
  std::optional<std::string_view> last;
  for (size_t at = 0; at + kPhrase.size() <= region.size(); ++at) {
    if (!starts_with_folded(region.substr(at), kPhrase)) continue;
    std::string_view rest = line_at(region, at + kPhrase.size());
    const size_t stop = rest.find(". ");
    if (stop != kNone) rest = rest.substr(0, stop);
    rest = trimmed(rest);
    if (rest.starts_with(':')) rest = trimmed(rest.substr(1));
    if (!rest.empty()) last = rest;
  }
  return last;
}

/// The last piece of mathematics between dollars, \( \) or \[ \].
std::optional<std::string_view> last_formula(std::string_view region) {
  std::optional<std::string_view> last;
  size_t open = kNone;
  char kind = 0;
  for (size_t at = 0; at < region.size(); ++at) {
    const char c = region[at];
    const char next = at + 1 < region.size() ? region[at + 1] : '\0';
    if (c == '\\') {
      if (next == '(' || next == '[') {
        open = at + 2;
        kind = next == '(' ? ')' : ']';
      } else if (open != kNone && next == kind) {
        last = trimmed(region.substr(open, at - open));
        open = kNone;
      }
      ++at;
    } else if (c == '$') {
      const bool twice = next == '$';
      if (open == kNone || kind != '$') {
        open = at + (twice ? 2 : 1);
        kind = '$';
      } else {
        last = trimmed(region.substr(open, at - open));
        open = kNone;
      }
      if (twice) ++at;
    }
  }
  if (last && last->empty()) return std::nullopt;
  return last;
}

std::optional<std::string_view> last_number(std::string_view region) {
  size_t end = region.find_last_of("0123456789");
  if (end == kNone) return std::nullopt;
  ++end;
  size_t from = end;
  while (from > 0 && (is_digit(region[from - 1]) || region[from - 1] == '.' ||
                      region[from - 1] == ',' || region[from - 1] == '/')) {
    --from;
  }
  while (from < end && !is_digit(region[from]) && region[from] != '.') ++from;
  if (from > 0 && region[from - 1] == '-') --from;
  return region.substr(from, end - from);
}

Extraction lenient(std::string_view region) {
  if (const Extraction box = boxed(region); box.found) return box;
  for (const auto& candidate : {after_phrase(region), last_formula(region), last_number(region)}) {
    if (candidate) return found(*candidate);
  }
  return failure(Reason::no_answer);
}

}  // namespace

Extraction extract(std::string_view completion, const MathOptions& options) {
  const auto region = region_of(completion, options);
  if (!region) return failure(Reason::no_region);
  switch (options.style) {
    case Style::boxed:
      return boxed(*region);
    case Style::tag: {
      const Extraction box = boxed(*region);
      return box.found || box.failure == Reason::bad_box ? box : found(*region);
    }
    case Style::hash:
      return hash(*region);
    case Style::line:
      return answer_line(*region);
    case Style::lenient:
      return lenient(*region);
  }
  return failure(Reason::no_answer);
}

}  // namespace reckon::rewards::math
