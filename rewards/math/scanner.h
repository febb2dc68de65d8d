#pragma once

#include <string_view>

#include "rewards/math/lexer.h"
#include "rewards/math/vocabulary.h"

namespace reckon::rewards::math {

/// The work of `scan`. One use.
class Scanner {
 public:
  Scanner(std::string_view text, Commas commas, bool products)
      : text_(text), commas_(commas), products_(products) {}
  Tokens run();

 private:
  bool more() const { return at_ < text_.size(); }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool starts_with(std::string_view part) const { return text_.substr(at_).starts_with(part); }
  void refuse(Reason reason);
  void add(TokenKind kind, size_t size, uint8_t detail = 0);
  Token& push(Token token, size_t from);

  // One token each; they move `at_`.
  void token();
  void sign();
  bool two_signs();
  bool degree_sign();
  bool half_of_day();
  void letters();
  void plain_letters(std::string_view run, size_t from);
  void number();
  void command();
  void dollar();

  // Commands with arguments.
  void apply(const Meaning& meaning, size_t from);
  void text_argument(size_t from, bool operator_name);
  void font_argument(size_t from);
  void skip_argument();
  void environment(size_t from, bool begins);
  void blackboard(size_t from);
  void delimiter(std::string_view name);
  /// The argument in braces at `at_`, or the next character; moves behind it.
  std::string_view argument();

  // Numbers.
  size_t digits_end(size_t from) const;
  size_t joint_end(size_t from) const;
  bool separates_thousands(size_t comma) const;
  void whole_part(std::string& digits);
  void exponent_part(Number& number);
  void repeating_part(Number& number, size_t from);

  std::string_view text_;
  Commas commas_;
  bool products_;  // of letters without a blank
  size_t at_ = 0;
  bool blank_ = false;
  int aligned_ = 0;     // open environments of aligned equations
  size_t dollars_ = 0;  // unescaped ones in the whole text
  Tokens tokens_;
};

}  // namespace reckon::rewards::math
