// LaTeX commands, with the arguments that are no mathematics.
#include "core/text.h"
#include "rewards/math/scanner.h"
#include "rewards/math/scanner_classes.h"
#include "rewards/math/units.h"

namespace reckon::rewards::math {

namespace {

constexpr std::string_view kTexBlanks = " ~";

bool all_letters(std::string_view text) {
  for (const char c : text) {
    if (!is_letter(c)) return false;
  }
  return !text.empty();
}

}  // namespace

void Scanner::command() {
  const size_t from = at_;
  ++at_;
  if (!more()) return refuse(Reason::unreadable);
  if (peek() == '\\') {
    ++at_;
    // \\[2pt] is a row with a distance.
    const size_t close = text_.find(']', at_);
    if (peek() == '[' && close != text_.npos && close - at_ < 8 && text_[close - 1] >= 'a') {
      at_ = close + 1;
    }
    push({.kind = aligned_ > 0 ? TokenKind::separator : TokenKind::row}, from);
    return;
  }
  if (peek() == '$') {
    ++at_;
    push({.kind = TokenKind::currency, .text = "$"}, from);
    return;
  }
  size_t end = at_;
  while (end < text_.size() && is_letter(text_[end])) ++end;
  if (end == at_) ++end;
  const std::string_view name = text_.substr(at_, end - at_);
  at_ = end;
  if (peek() == '*' && (name == "operatorname" || name == "tag" || name == "hspace")) ++at_;
  const auto meaning = find_command(name);
  if (meaning) {
    apply(*meaning, from);
  } else if (const auto money = currency_of(name); !money.empty()) {
    push({.kind = TokenKind::currency, .text = money}, from);
  } else {
    push({.kind = TokenKind::other, .text = name}, from);
  }
}

void Scanner::apply(const Meaning& meaning, size_t from) {
  switch (meaning.treatment) {
    case Treatment::token:
      push({.kind = meaning.kind,
            .detail = meaning.detail,
            .text =
                meaning.kind == TokenKind::letter ? text_.substr(from, at_ - from) : meaning.name},
           from);
      break;
    case Treatment::skip:
      blank_ = true;
      break;
    case Treatment::skip_argument:
      skip_argument();
      break;
    case Treatment::text:
      text_argument(from, false);
      break;
    case Treatment::operator_name:
      text_argument(from, true);
      break;
    case Treatment::font:
      font_argument(from);
      break;
    case Treatment::environment:
      environment(from, meaning.name == "begin");
      break;
    case Treatment::blackboard:
      blackboard(from);
      break;
    case Treatment::delimiter:
      delimiter(meaning.name);
      break;
  }
}

std::string_view Scanner::argument() {
  while (peek() == ' ') ++at_;
  if (!more()) {
    refuse(Reason::unreadable);
    return {};
  }
  if (peek() != '{') {
    size_t size = 1;
    while (at_ + size < text_.size() && (text_[at_ + size] & 0xC0) == 0x80) ++size;
    at_ += size;
    return text_.substr(at_ - size, size);
  }
  const size_t from = ++at_;
  int depth = 1;
  for (; more(); ++at_) {
    if (peek() == '\\') {
      ++at_;
    } else if (peek() == '{') {
      ++depth;
    } else if (peek() == '}' && --depth == 0) {
      return text_.substr(from, at_++ - from);
    }
  }
  at_ = text_.size();
  refuse(Reason::unreadable);
  return {};
}

void Scanner::skip_argument() {
  argument();
  blank_ = true;
}

void Scanner::text_argument(size_t from, bool operator_name) {
  const std::string_view content = trim(argument(), kTexBlanks);
  if (!tokens_.ok || content.empty()) {
    blank_ = true;
    return;
  }
  std::string_view name = content;
  while (name.starts_with(',') || name.starts_with(' ')) name.remove_prefix(1);
  while (name.ends_with(',') || name.ends_with(' ')) name.remove_suffix(1);
  if (name == "\\$" || name == "$") {
    push({.kind = TokenKind::currency, .text = "$"}, from);
    return;
  }
  auto meaning = find_word(name);
  // \text{min} are minutes; \mathrm{min} may be the least.
  const bool in_text = text_.substr(from, 5) == "\\text" || text_.substr(from, 5) == "\\mbox";
  if (meaning && in_text) {
    const TokenKind kind = meaning->kind;
    const bool other = kind == TokenKind::function || kind == TokenKind::root ||
                       kind == TokenKind::cube_root || name == "cup" || name == "cap";
    if (other) meaning.reset();
  }
  if (meaning || (content.size() == 1 && !is_unit_letter(content))) {
    const bool digit = is_digit(content[0]);
    if (digit) tokens_.numbers.push_back({.digits = std::string(content)});
    push({.kind = meaning                 ? meaning->kind
                  : digit                 ? TokenKind::number
                  : is_letter(content[0]) ? TokenKind::letter
                                          : TokenKind::text,
          .detail = meaning ? meaning->detail : uint8_t{0},
          .text = content,
          .number = static_cast<uint32_t>(digit ? tokens_.numbers.size() - 1 : 0)},
         from);
    return;
  }
  if (!operator_name && content.ends_with(',') && !name.empty()) {
    // \text{cm, }: the comma parts items.
    tokens_.words = true;
    push({.kind = TokenKind::text, .text = name}, from);
    push({.kind = TokenKind::comma}, from);
    return;
  }
  if (!operator_name && content.size() > 1) tokens_.words = true;
  if (operator_name && !all_letters(content)) return refuse(Reason::unreadable);
  push({.kind = operator_name ? TokenKind::call : TokenKind::text, .text = content}, from);
}

void Scanner::font_argument(size_t from) {
  const size_t start = at_;
  const std::string_view content = trim(argument(), kTexBlanks);
  if (!tokens_.ok) return;
  const bool unit = is_unit_letter(content) && text_.substr(from).starts_with("\\mathrm");
  Marks marks;
  const bool phrase = text_.substr(from).starts_with("\\mathrm") && content.size() > 1 &&
                      read_unit(content, marks) == Phrase::known && !marks.unit.empty();
  if (phrase || (all_letters(content) &&
                 (unit || content.size() > 2 || is_unit_word(content) || find_word(content)))) {
    at_ = start;
    text_argument(from, false);
    return;
  }
  // The argument stays in its braces and is read as mathematics.
  at_ = start;
}

void Scanner::environment(size_t from, bool begins) {
  std::string_view name = trim(argument(), kTexBlanks);
  if (name.ends_with('*')) name.remove_suffix(1);
  if (begins && (name == "array" || name == "tabular" || name == "alignedat")) {
    while (peek() == ' ') ++at_;
    if (peek() == '{') argument();
  }
  if (!tokens_.ok) return;
  // Equations below each other are a list.
  for (const std::string_view aligned :
       {"aligned", "align", "gathered", "gather", "split", "equation", "alignedat", "center"}) {
    if (name != aligned) continue;
    aligned_ += begins ? 1 : -1;
    blank_ = true;
    return;
  }
  push({.kind = begins ? TokenKind::begin : TokenKind::finish, .text = name}, from);
}

void Scanner::blackboard(size_t from) {
  const std::string_view name = trim(argument(), kTexBlanks);
  const size_t place = std::string_view("RZNQC").find(name);
  if (name.size() != 1 || place == std::string_view::npos) {
    push({.kind = TokenKind::letter, .text = text_.substr(from, at_ - from)}, from);
    return;
  }
  push({.kind = TokenKind::named_set, .detail = static_cast<uint8_t>(place), .text = name}, from);
}

void Scanner::delimiter(std::string_view name) {
  blank_ = true;
  while (peek() == ' ') ++at_;
  const bool left = name == "left" || name.ends_with('l');
  const bool right = name == "right" || name.ends_with('r');
  const size_t size = starts_with("\\|") ? 2 : starts_with("|") ? 1 : 0;
  if (size > 0 && (left || right)) {
    add(left ? TokenKind::left_bar : TokenKind::right_bar, size);
  } else if (peek() == '.' && (name == "left" || name == "right")) {
    ++at_;
  } else if (peek() == '<' || peek() == '>') {
    add(peek() == '<' ? TokenKind::left_angle : TokenKind::right_angle, 1);
  }
}

}  // namespace reckon::rewards::math
