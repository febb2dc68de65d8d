#include "rewards/math/lexer.h"

#include <algorithm>

#include "rewards/math/characters.h"
#include "rewards/math/scanner.h"
#include "rewards/math/scanner_classes.h"
#include "rewards/math/units.h"

namespace reckon::rewards::math {

Tokens scan(std::string_view text, Commas commas, bool worded) {
  const bool signs = text.find_first_of("^+-*/=(0123456789") != text.npos;
  return Scanner(text, commas, signs && !worded).run();
}

Tokens Scanner::run() {
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '$') {
      ++dollars_;
    }
  }
  while (more() && tokens_.ok) {
    const char c = peek();
    if (c == ' ' || c == '~' || (c == '&' && aligned_ > 0)) {
      blank_ = true;
      ++at_;
    } else {
      token();
      if (tokens_.list.size() > Guards::kTokens) refuse(Reason::guard);
    }
  }
  tokens_.list.push_back({});
  return std::move(tokens_);
}

void Scanner::refuse(Reason reason) {
  if (tokens_.ok) tokens_.failure = reason;
  tokens_.ok = false;
}

Token& Scanner::push(Token token, size_t from) {
  token.raw = text_.substr(from, at_ - from);
  token.blank_before = blank_;
  blank_ = false;
  tokens_.list.push_back(token);
  return tokens_.list.back();
}

void Scanner::add(TokenKind kind, size_t size, uint8_t detail) {
  const size_t from = at_;
  at_ += size;
  push({.kind = kind, .detail = detail, .text = text_.substr(from, size)}, from);
}

void Scanner::token() {
  const char c = peek();
  if (c == '\\') {
    command();
  } else if (is_digit(c) || (c == '.' && (is_digit(peek(1)) || starts_with(".\\overline")))) {
    number();
  } else if (is_letter(c) || static_cast<unsigned char>(c) >= 0x80) {
    letters();
  } else if (c == '$') {
    dollar();
  } else if (!two_signs() && !degree_sign()) {
    sign();
  }
}

void Scanner::dollar() {
  // An even number of dollars marks mathematics; an odd one is money, where a digit follows.
  const char next = peek(1);
  if (dollars_ % 2 == 1 && (is_digit(next) || next == '.' || next == ' ' || next == '-')) {
    add(TokenKind::currency, 1);
    return;
  }
  ++at_;
  blank_ = true;
}

bool Scanner::two_signs() {
  using K = TokenKind;
  const auto relation = [&](Relation detail) { add(K::relation, 2, static_cast<uint8_t>(detail)); };
  if (starts_with("<=") || starts_with("=<")) {
    relation(Relation::less_equal);
  } else if (starts_with(">=")) {
    relation(Relation::greater_equal);
  } else if (starts_with("==")) {
    relation(Relation::equal);
  } else if (starts_with(":=")) {
    relation(Relation::equal);
  } else if (starts_with("{:}")) {
    add(K::colon, 3);
  } else if (starts_with("!=")) {
    // 5!=120 is a factorial.
    const bool behind =
        !tokens_.list.empty() && !blank_ &&
        (tokens_.list.back().kind == K::number || tokens_.list.back().kind == K::right_paren);
    if (behind) return false;
    relation(Relation::not_equal);
  } else if (starts_with("<>")) {
    relation(Relation::not_equal);
  } else if (starts_with("**")) {
    add(K::caret, 2);
  } else if (starts_with("->")) {
    add(K::arrow, 2);
  } else if (starts_with("+/-")) {
    add(K::plus_minus, 3);
  } else if (starts_with("+-")) {
    add(K::plus_minus, 2);
  } else if (starts_with("-+")) {
    add(K::plus_minus, 2, 1);
  } else if (starts_with("...")) {
    add(K::dots, 3);
  } else {
    return false;
  }
  return true;
}

bool Scanner::degree_sign() {
  if (peek() != '^') return false;
  size_t at = at_ + 1;
  const auto skip = [&] {
    while (at < text_.size() && text_[at] == ' ') ++at;
  };
  skip();
  const bool braced = at < text_.size() && text_[at] == '{';
  if (braced) ++at;
  skip();
  const std::string_view rest = text_.substr(at);
  if (rest.starts_with("\\circ") && (rest.size() == 5 || !is_letter(rest[5]))) {
    at += 5;
  } else if (rest.starts_with("\\degree")) {
    at += 7;
  } else if (rest.starts_with("o") && (rest.size() == 1 || !is_letter(rest[1])) &&
             !tokens_.list.empty() && tokens_.list.back().kind == TokenKind::number) {
    at += 1;
  } else {
    return false;
  }
  skip();
  if (braced) {
    if (at >= text_.size() || text_[at] != '}') return false;
    ++at;
  }
  add(TokenKind::degree, at - at_);
  return true;
}

void Scanner::sign() {
  using K = TokenKind;
  const auto relation = [](Relation detail) { return static_cast<uint8_t>(detail); };
  K kind = K::other;
  uint8_t detail = 0;
  switch (peek()) {
    case '{':
      kind = K::left_brace;
      break;
    case '}':
      kind = K::right_brace;
      break;
    case '(':
      kind = K::left_paren;
      break;
    case ')':
      kind = K::right_paren;
      break;
    case '[':
      kind = K::left_bracket;
      break;
    case ']':
      kind = K::right_bracket;
      break;
    case '|':
      kind = K::bar;
      break;
    case ',':
      kind = K::comma;
      break;
    case ';':
      kind = K::separator;
      break;
    case ':':
      kind = K::colon;
      break;
    case '&':
      kind = K::cell;
      break;
    case '=':
      kind = K::relation;
      detail = relation(Relation::equal);
      break;
    case '<':
      kind = K::relation;
      detail = relation(Relation::less);
      break;
    case '>':
      kind = K::relation;
      detail = relation(Relation::greater);
      break;
    case '+':
      kind = K::plus;
      break;
    case '-':
      kind = K::minus;
      break;
    case '*':
      kind = K::times;
      break;
    case '/':
      kind = K::slash;
      break;
    case '^':
      kind = K::caret;
      break;
    case '_':
      kind = K::underscore;
      break;
    case '!':
      kind = K::factorial;
      break;
    case '\'':
      kind = K::prime;
      break;
    case '%':
      kind = K::percent;
      break;
    default:
      break;
  }
  add(kind, 1, detail);
}

/// p.m. and a.m., whose letters are no product.
bool Scanner::half_of_day() {
  const char letter = peek() == 'P' ? 'p' : peek() == 'A' ? 'a' : peek();
  if ((letter != 'p' && letter != 'a') || peek(1) != '.') return false;
  const size_t second = peek(2) == ' ' ? 3 : 2;
  if ((peek(second) != 'm' && peek(second) != 'M') || is_letter(peek(second + 1))) return false;
  const size_t from = at_;
  at_ += second + (peek(second + 1) == '.' ? 2 : 1);
  push({.kind = TokenKind::word, .text = letter == 'p' ? "pm" : "am"}, from);
  return true;
}

void Scanner::letters() {
  if (half_of_day()) return;
  const size_t from = at_;
  bool foreign = false;
  while (more() && (is_letter(peek()) || static_cast<unsigned char>(peek()) >= 0x80)) {
    foreign |= !is_letter(peek());
    ++at_;
  }
  const std::string_view run = text_.substr(from, at_ - from);
  const std::string_view money = foreign ? currency_of(run) : "";
  if (!money.empty()) {
    push({.kind = TokenKind::currency, .text = money}, from);
  } else if (foreign) {
    tokens_.words = true;
    push({.kind = TokenKind::word, .text = run}, from);
  } else {
    plain_letters(run, from);
  }
}

namespace {

/// Whether letters without a blank are a product and no word: xyz, pqr, abc. They are small, all
/// different, and have no vowel or go on from abc in the order of the alphabet.
bool is_product_of_letters(std::string_view run) {
  constexpr size_t kMost = 12;
  if (run.size() > kMost || run == "nth") return false;
  const bool ascends = std::is_sorted(run.begin(), run.end()) && run.starts_with("abc");
  if (!ascends && run.find_first_of("aeiou") != run.npos) return false;
  std::string letters(run);
  std::sort(letters.begin(), letters.end());
  return letters.front() >= 'a' && letters.back() <= 'z' &&
         std::adjacent_find(letters.begin(), letters.end()) == letters.end();
}

}  // namespace

void Scanner::plain_letters(std::string_view run, size_t from) {
  const auto put = [&](std::string_view part, size_t start) {
    const auto meaning = find_word(part);
    const Token token{.kind = meaning            ? meaning->kind
                              : part.size() == 1 ? TokenKind::letter
                                                 : TokenKind::word,
                      .detail = meaning ? meaning->detail : uint8_t{0},
                      .text = part};
    at_ = start + part.size();
    push(token, start);
    // sq. cm, 5 in.: the stop belongs to the unit.
    if (token.kind == TokenKind::word && peek() == '.' && is_unit_word(part)) ++at_;
  };
  if (run.size() == 1 || find_word(run) || is_unit_word(run)) {
    put(run, from);
    return;
  }
  // sinx, isqrt: one letter beside a known name.
  const size_t rest = run.size() - 1;
  if (rest > 1 && find_word(run.substr(0, rest))) {
    put(run.substr(0, rest), from);
    put(run.substr(rest), from + rest);
  } else if (rest > 1 && find_word(run.substr(1))) {
    put(run.substr(0, 1), from);
    put(run.substr(1), from + 1);
  } else if (run.size() == 2 || (products_ && is_product_of_letters(run))) {
    // Should it be no mathematics after all, it is words.
    tokens_.words |= run.size() > 2;
    for (size_t i = 0; i < run.size(); ++i) put(run.substr(i, 1), from + i);
  } else {
    tokens_.words = true;
    put(run, from);
  }
}

}  // namespace reckon::rewards::math
