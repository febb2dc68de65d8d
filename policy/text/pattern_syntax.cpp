#include "policy/text/pattern_syntax.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/error.h"
#include "core/utf8.h"
#include "policy/text/tokenizer_files.h"
#include "policy/text/unicode_classes.h"

namespace reckon::policy {
namespace {

// White_Space of Unicode. PCRE2's own \s has U+180E too.
constexpr std::string_view kSpaces =
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view kNoSpaces =
    R"(\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF})"
    R"(\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{10FFFF})";
// What Oniguruma counts as a word beside letters, marks, digits and connectors.
constexpr std::string_view kWordSymbols =
    R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169})"
    R"(\x{1F170}-\x{1F189})";
constexpr int kMaxRepeats = 1000;

constexpr std::array<std::string_view, 30> kCategories = {
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
    "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Z",  "Cn"};

struct Script {
  std::string_view name;
  std::string_view newer;  // what Unicode 14 does not have
};
constexpr std::array<Script, 3> kScripts = {
    {{"Han", R"(\x{2B739}\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF})"},
     {"Hiragana", R"(\x{1B132})"},
     {"Katakana", R"(\x{1B155})"}}};

std::string code_point(char32_t character) {
  return fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(character));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The inside of a class that holds a general category: one letter stands for all of its kind.
std::string category_class(std::string_view name) {
  std::string result = fmt::format("\\p{{{}}}", name);
  for (const std::string_view category : kCategories) {
    if (!category.starts_with(name)) continue;
    for (const CharacterRange& range : newer_characters(category)) {
      result += code_point(range.first);
      if (range.last == range.first) continue;
      result += '-';
      result += code_point(range.last);
    }
  }
  return result;
}

// The inside of a class for the property `name`, or none if this program does not know it.
std::optional<std::string> property_class(std::string_view name) {
  constexpr std::string_view kOneLetter = "LMNPSZ";
  const bool one = name.size() == 1 && kOneLetter.find(name[0]) != std::string_view::npos;
  const bool two = name.size() == 2 && name != "Cn" &&
                   std::find(kCategories.begin(), kCategories.end(), name) != kCategories.end();
  if (one || two) return category_class(name);
  for (const Script& script : kScripts) {
    if (script.name == name) return fmt::format("\\p{{sc:{}}}{}", name, script.newer);
  }
  return std::nullopt;
}

// Reads the source from left to right and writes the translation. Groups need no nesting here: the
// parentheses are checked by PCRE2.
class Translator {
 public:
  Translator(std::string_view source, const std::string& place) : source_(source), place_(place) {}

  std::string translate() {
    while (!at_end()) step();
    return std::move(result_);
  }

 private:
  [[noreturn]] void unknown(std::string_view construct) const {
    fail(ErrorCode::unsupported,
         "expected a regular expression of known constructs, got {}, in {} at byte {}",
         quote_text(construct), place_, at_);
  }
  [[noreturn]] void broken(std::string_view what) const {
    fail(ErrorCode::corrupt,
         "expected {}, got the end of the expression or another character, in {} at byte {}", what,
         place_, at_);
  }

  bool at_end() const { return at_ >= source_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool take(std::string_view text) {
    if (!source_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  char32_t take_character() {
    const Utf8Step character = read_utf8(source_, at_);
    at_ += character.size;
    return character.character;
  }

  void step() {
    switch (peek()) {
      case '\\':
        return escape();
      case '[':
        return character_class();
      case '(':
        return group();
      case '{':
        return interval();
      case '^':
        ++at_;
        result_ += "(?m:^)";
        return;
      case '$':
        ++at_;
        result_ += "(?m:$)";
        return;
      case ')':
      case '|':
      case '*':
      case '+':
      case '?':
      case '.':
        result_ += peek();
        ++at_;
        return;
      default:
        result_ += code_point(take_character());
    }
  }

  void group() {
    constexpr std::array<std::string_view, 6> kKnown = {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"};
    for (const std::string_view opening : kKnown) {
      if (take(opening)) {
        result_ += opening;
        return;
      }
    }
    if (take("(?i:") || take("(?-i:")) {
      result_ += source_[at_ - 3] == '-' ? "(?-i:" : "(?i:";
      return;
    }
    if (peek(1) == '?' || peek(1) == '*') unknown(source_.substr(at_, 4));
    ++at_;
    result_ += "(?:";  // what a group has matched is never asked for
  }

  // A count of an interval, or none if there are no digits.
  std::optional<int> count() {
    if (!is_digit(peek())) return std::nullopt;
    int value = 0;
    while (is_digit(peek())) {
      value = value * 10 + (peek() - '0');
      if (value > kMaxRepeats) unknown("more than 1000 repeats");
      ++at_;
    }
    return value;
  }

  void interval() {
    const std::size_t start = at_;
    ++at_;
    const std::optional<int> low = count();
    const bool comma = take(",");
    const std::optional<int> high = comma ? count() : low;
    if (!take("}") || !(low || high)) {  // a brace like any other character
      at_ = start + 1;
      result_ += code_point('{');
      return;
    }
    // `+` repeats the repeated there, and is possessive here; `{n}?` is optional there.
    if (peek() == '+' || (!comma && peek() == '?')) unknown(source_.substr(start, at_ + 1 - start));
    result_ += fmt::format("{{{}", low.value_or(0));
    if (comma) result_ += ",";
    if (comma && high) result_ += fmt::format("{}", *high);
    result_ += "}";
  }

  // The set that the escape at the place of reading stands for, as the inside of a class.
  struct Set {
    std::string inside;
    bool negated = false;
  };

  std::optional<Set> set_escape() {
    const char letter = peek(1);
    switch (letter) {
      case 's':
      case 'S':
        at_ += 2;
        return Set{std::string(kSpaces), letter == 'S'};
      case 'd':
      case 'D':
        at_ += 2;
        return Set{category_class("Nd"), letter == 'D'};
      case 'w':
      case 'W':
        at_ += 2;
        return Set{category_class("L") + category_class("M") + category_class("Nd") +
                       category_class("Nl") + category_class("Pc") + std::string(kWordSymbols),
                   letter == 'W'};
      case 'p':
      case 'P':
        return property(letter == 'P');
      default:
        return std::nullopt;
    }
  }

  Set property(bool negated) {
    const std::size_t start = at_;
    at_ += 2;
    if (!take("{")) broken("a property in braces");
    if (take("^")) negated = !negated;
    const std::size_t end = source_.find('}', at_);
    if (end == std::string_view::npos) broken("a closing brace");
    std::optional<std::string> inside = property_class(source_.substr(at_, end - at_));
    if (!inside) unknown(source_.substr(start, end + 1 - start));
    at_ = end + 1;
    return {std::move(*inside), negated};
  }

  void escape() {
    if (const std::optional<Set> set = set_escape()) {
      result_ += set->negated ? "[^" : "[";
      result_ += set->inside;
      result_ += ']';
    } else if (take("\\A") || take("\\z")) {
      result_ += source_.substr(at_ - 2, 2);
    } else {
      result_ += code_point(escaped_character(false));
    }
  }

  char32_t escaped_character(bool in_class) {
    const std::size_t start = at_;
    ++at_;
    if (at_end()) broken("a character after the backslash");
    constexpr std::string_view kLetters = "tnvfrae";
    constexpr std::string_view kMeanings = "\t\n\v\f\r\a\x1B";
    const char letter = peek();
    if (const std::size_t i = kLetters.find(letter); i != std::string_view::npos) {
      ++at_;
      return static_cast<char32_t>(kMeanings[i]);
    }
    if (in_class && take("b")) return U'\b';
    if (take("x{")) {
      const char32_t character = hex(8);
      if (!take("}")) broken("a closing brace");
      return checked(character, start);
    }
    if (take("x")) {
      const char32_t character = hex(2);
      if (character > 0x7F) unknown(source_.substr(start, at_ - start));  // a byte, no character
      return character;
    }
    if (take("u")) return checked(hex(4), start);
    const bool letter_or_digit =
        is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    if (letter_or_digit) unknown(source_.substr(start, 2));
    return take_character();
  }

  char32_t hex(std::size_t most) {
    char32_t value = 0;
    std::size_t digits = 0;
    for (; digits < most; ++digits, ++at_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c)) {
        value = value * 16 + static_cast<char32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value * 16 + static_cast<char32_t>(lower - 'a' + 10);
      } else {
        break;
      }
    }
    if (digits == 0) broken("hexadecimal digits");
    return value;
  }

  char32_t checked(char32_t character, std::size_t start) const {
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character > 0x10FFFF || surrogate) unknown(source_.substr(start, at_ - start));
    return character;
  }

  void character_class() {
    ++at_;
    result_ += take("^") ? "[^" : "[";
    if (peek() == ']') unknown("[]");
    bool after_set = false;
    while (!take("]")) {
      if (at_end()) broken("a closing bracket");
      if (peek() == '[') unknown("[ in a class");
      if (source_.substr(at_).starts_with("&&")) unknown("&&");
      after_set = class_item(after_set);
    }
    result_ += "]";
  }

  // Translates one item of a class; returns whether it was a set, after which a hyphen is itself.
  bool class_item(bool after_set) {
    if (peek() == '\\') {
      if (const std::optional<Set> set = set_escape()) {
        if (result_.ends_with('-')) unknown("a range that ends in a set");
        const bool no_spaces = set->negated && set->inside == kSpaces;
        if (set->negated && !no_spaces) unknown("a negated set in a class");
        result_ += no_spaces ? kNoSpaces : std::string_view(set->inside);
        return true;
      }
      result_ += code_point(escaped_character(true));
      return false;
    }
    if (peek() == '-' && !after_set && !result_.ends_with('[') && !result_.ends_with('^') &&
        peek(1) != ']') {
      ++at_;
      if (at_end()) broken("a closing bracket");
      result_ += '-';
      return false;
    }
    result_ += code_point(take_character());
    return false;
  }

  std::string_view source_;
  const std::string& place_;
  std::string result_;
  std::size_t at_ = 0;
};

}  // namespace

std::string translate_pattern(std::string_view source, const std::string& place) {
  return Translator(source, place).translate();
}

std::string literal_pattern(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    result += code_point(step.character);
    at += step.size;
  }
  return result;
}

}  // namespace reckon::policy
