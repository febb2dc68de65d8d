#include "policy/chat/template_lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/error.h"
#include "core/utf8.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {
namespace {

constexpr std::array<std::string_view, 6> kTwoCharacterSymbols = {
    "//", "**", "==", "!=", ">=", "<="};
constexpr std::string_view kOneCharacterSymbols = "+-/*%~[](){}><=.:|,;";

// Line ends as one newline each, and without the last one, as Jinja reads a template.
std::string normalize_newlines(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      text += '\n';
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      text += source[i];
    }
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

bool is_blank(char c) { return std::string_view(" \t\n\r\f\v").find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

class Lexer {
 public:
  explicit Lexer(std::string text) : text_(std::move(text)) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      const size_t tag = find_tag();
      if (tag == std::string_view::npos) {
        add_data(std::string_view(text_).substr(at_));
        break;
      }
      read_tag(tag);
    }
    tokens_.push_back({TokenKind::end, "", line_});
    return std::move(tokens_);
  }

 private:
  size_t find_tag() const {
    for (size_t i = text_.find('{', at_); i != std::string::npos; i = text_.find('{', i + 1)) {
      const char next = i + 1 < text_.size() ? text_[i + 1] : '\0';
      if (next == '{' || next == '%' || next == '#') return i;
    }
    return std::string_view::npos;
  }

  // Moves behind `end`, counting lines.
  void advance(size_t end) {
    line_ += std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                        text_.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    if (end > at_) line_starting_ = text_[end - 1] == '\n';
    at_ = end;
  }

  void add_data(std::string_view data) {
    if (!data.empty()) tokens_.push_back({TokenKind::data, std::string(data), line_});
  }

  void read_tag(size_t tag) {
    const char type = text_[tag + 1];
    const char sign = tag + 2 < text_.size() ? text_[tag + 2] : ' ';
    const bool signed_tag = sign == '-' || sign == '+';
    std::string_view data = std::string_view(text_).substr(at_, tag - at_);
    if (sign == '-') {
      data = strip_right(data);
    } else if (sign != '+' && type != '{') {
      data = without_indentation(data);
    }
    add_data(data);
    advance(tag);
    const size_t inside = tag + (signed_tag ? 3 : 2);
    if (type == '#') return skip_comment(inside);
    if (type == '%' && read_raw(inside)) return;
    tokens_.push_back(
        {type == '{' ? TokenKind::variable_begin : TokenKind::block_begin, "", line_});
    advance(inside);
    read_expression(type == '{' ? '}' : '%');
  }

  // lstrip_blocks: white space between the start of the line and a block.
  std::string_view without_indentation(std::string_view data) const {
    const size_t newline = data.rfind('\n');
    if (newline == std::string_view::npos && !line_starting_) return data;
    const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    return strip_left(data.substr(begin)).empty() ? data.substr(0, begin) : data;
  }

  // The end of a tag that begins with `mark` at `at`: where the text goes on, or none.
  std::optional<size_t> tag_end(size_t at, char mark) const {
    const std::string_view rest = std::string_view(text_).substr(at);
    const char close[] = {mark, '}'};
    const std::string_view closing(close, 2);
    if (rest.starts_with('-') && rest.substr(1).starts_with(closing)) {
      return text_.size() - strip_left(rest.substr(3)).size();
    }
    if (mark != '}' && rest.starts_with('+') && rest.substr(1).starts_with(closing)) return at + 3;
    if (!rest.starts_with(closing)) return std::nullopt;
    const bool newline = mark != '}' && rest.substr(2).starts_with('\n');  // trim_blocks
    return at + (newline ? 3 : 2);
  }

  void skip_comment(size_t inside) {
    for (size_t i = inside; i < text_.size(); ++i) {
      if (const auto end = tag_end(i, '#')) return advance(*end);
    }
    fail(ErrorCode::unsupported,
         "expected `#}}` after `{{#`, got the end, in the chat template, line {}", line_);
  }

  size_t skip_blanks(size_t at) const {
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at;
  }

  // {% raw %} text {% endraw %}: false if there is another tag at `inside`.
  bool read_raw(size_t inside) {
    size_t at = skip_blanks(inside);
    if (text_.compare(at, 3, "raw") != 0) return false;
    at = skip_blanks(at + 3);
    const std::string_view rest = std::string_view(text_).substr(at);
    if (!rest.starts_with("%}") && !rest.starts_with("-%}")) return false;
    // No newline is trimmed after `raw` itself.
    advance(rest.starts_with('-') ? *tag_end(at, '%') : at + 2);
    for (size_t tag = text_.find("{%", at_); tag != std::string::npos;
         tag = text_.find("{%", tag + 1)) {
      const char sign = tag + 2 < text_.size() ? text_[tag + 2] : ' ';
      size_t name = skip_blanks(tag + (sign == '-' || sign == '+' ? 3 : 2));
      if (text_.compare(name, 6, "endraw") != 0) continue;
      const auto end = tag_end(skip_blanks(name + 6), '%');
      if (!end) continue;
      std::string_view data = std::string_view(text_).substr(at_, tag - at_);
      if (sign == '-') data = strip_right(data);
      if (sign != '-' && sign != '+') data = without_indentation(data);
      add_data(data);
      advance(*end);
      return true;
    }
    fail(ErrorCode::unsupported, "expected `endraw`, got the end, in the chat template, line {}",
         line_);
  }

  void read_expression(char mark) {
    size_t open_brackets = 0;
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        advance(at_ + 1);
        continue;
      }
      if (const auto end = tag_end(at_, mark); end && open_brackets == 0) {
        tokens_.push_back(
            {mark == '}' ? TokenKind::variable_end : TokenKind::block_end, "", line_});
        return advance(*end);
      }
      const Token& token = read_token();
      if (token.kind != TokenKind::symbol) continue;
      if (std::string_view("([{").find(token.text) != std::string_view::npos) ++open_brackets;
      if (std::string_view(")]}").find(token.text) != std::string_view::npos) {
        check(open_brackets > 0, ErrorCode::unsupported,
              "expected an opening bracket before `{}`, got none, in the chat template, line {}",
              token.text, line_);
        --open_brackets;
      }
    }
    fail(ErrorCode::unsupported,
         "expected the end of a tag, got the end of the text, in the chat template, line {}",
         line_);
  }

  const Token& add(TokenKind kind, std::string text, size_t end) {
    tokens_.push_back({kind, std::move(text), line_});
    advance(end);
    return tokens_.back();
  }

  const Token& read_token() {
    const char c = text_[at_];
    if (c == '"' || c == '\'') return read_string(c);
    if (is_digit(c)) return read_number();
    size_t end = at_;
    if (is_name_start(c)) {
      while (end < text_.size() && is_name_part(text_[end])) ++end;
      return add(TokenKind::name, text_.substr(at_, end - at_), end);
    }
    const std::string two = text_.substr(at_, 2);
    if (std::find(kTwoCharacterSymbols.begin(), kTwoCharacterSymbols.end(), two) !=
        kTwoCharacterSymbols.end()) {
      return add(TokenKind::symbol, two, at_ + 2);
    }
    check(kOneCharacterSymbols.find(c) != std::string_view::npos, ErrorCode::unsupported,
          "expected an expression, got byte {:#x}, in the chat template, line {}",
          static_cast<unsigned char>(c), line_);
    return add(TokenKind::symbol, std::string(1, c), at_ + 1);
  }

  const Token& read_number() {
    size_t end = at_;
    bool floating = false;
    while (end < text_.size()) {
      const char c = text_[end];
      const bool digit_follows = end + 1 < text_.size() && is_digit(text_[end + 1]);
      const bool exponent = (c == 'e' || c == 'E') && end + 1 < text_.size() &&
                            (digit_follows || text_[end + 1] == '-' || text_[end + 1] == '+');
      if ((c == '.' && !floating && digit_follows) || exponent) {
        floating = true;
        end += exponent ? 2 : 1;
      } else if (is_digit(c) || c == '_') {
        ++end;
      } else {
        break;
      }
    }
    std::string digits = text_.substr(at_, end - at_);
    std::erase(digits, '_');
    return add(floating ? TokenKind::floating : TokenKind::integer, std::move(digits), end);
  }

  const Token& read_string(char quote) {
    std::string value;
    size_t i = at_ + 1;
    while (i < text_.size() && text_[i] != quote) {
      if (text_[i] == '\\') {
        i = read_escape(i, value);
      } else {
        value += text_[i++];
      }
    }
    check(i < text_.size(), ErrorCode::unsupported,
          "expected the end of a string, got the end of the text, in the chat template, line {}",
          line_);
    return add(TokenKind::string, std::move(value), i + 1);
  }

  // Appends what the escape at `i` stands for; gives the place behind it. Python's rules.
  size_t read_escape(size_t i, std::string& value) {
    const char c = i + 1 < text_.size() ? text_[i + 1] : '\0';
    constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
    if (const size_t k = kLetters.find(c); k != std::string_view::npos) {
      value += kMeanings[k];
      return i + 2;
    }
    if (c == '\n') return i + 2;
    const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    const bool octal = c >= '0' && c <= '7';
    if (digits == 0 && !octal) {
      value += '\\';
      return i + 1;
    }
    size_t at = octal ? i + 1 : i + 2;
    const size_t last = at + (octal ? 3 : digits);
    char32_t character = 0;
    size_t read = 0;
    for (; at < std::min(last, text_.size()); ++at, ++read) {
      const size_t digit =
          std::string_view("0123456789abcdef")
              .find(static_cast<char>(is_digit(text_[at]) ? text_[at] : text_[at] | 0x20));
      if (digit == std::string_view::npos || (octal && digit > 7)) break;
      character = character * (octal ? 8 : 16) + static_cast<char32_t>(digit);
    }
    check((octal || read == digits) && character <= 0x10FFFF &&
              (character < 0xD800 || character > 0xDFFF),
          ErrorCode::unsupported,
          "expected a character after `\\{}`, got none, in the chat template, line {}", c, line_);
    append_utf8(value, character);
    return at;
  }

  std::string text_;
  size_t at_ = 0;
  std::int64_t line_ = 1;
  bool line_starting_ = true;  // whether the token before ended with a newline
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize_template(std::string_view source) {
  return Lexer(normalize_newlines(source)).run();
}

}  // namespace reckon::policy::jinja
