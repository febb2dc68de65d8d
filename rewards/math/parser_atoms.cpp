// Numbers, letters, words, and which kind of atom begins.
#include "rewards/math/parser.h"
#include "rewards/math/scanner_classes.h"
#include "rewards/math/units.h"

namespace reckon::rewards::math {

Parser::Node Parser::atom() {
  if (failed()) return kNone;
  const Token& token = peek();
  switch (token.kind) {
    case K::number:
      return number_atom();
    case K::letter:
      return letter_atom();
    case K::word:
    case K::text:
      return word_atom();
    case K::constant: {
      const bool variable =
          token.text == "i" && std::find(bound_.begin(), bound_.end(), "i") != bound_.end();
      if (variable || is(K::underscore, 1) || is(K::prime, 1)) return letter_atom();
      ++at_;
      return make(Op::constant, {}, token.detail);
    }
    case K::named_set:
      ++at_;
      return make(Op::named_set, {}, token.detail);
    case K::empty_set:
      ++at_;
      return make(Op::set, {});
    case K::dots:
      ++at_;
      return named(Op::opaque, "dots");
    case K::accent:
      return accent();
    case K::currency:
      return currency();
    case K::fraction:
      return fraction();
    case K::binomial:
      return binomial();
    case K::root:
      return root(2);
    case K::cube_root:
      return root(3);
    case K::function:
    case K::call:
      return function();
    case K::sum:
    case K::product:
      return big_operator();
    case K::integral:
      return integral();
    case K::limit:
      return limit();
    case K::begin:
      return environment();
    case K::left_brace:
      return group(context_);
    case K::left_paren:
      return parentheses();
    case K::left_bracket:
      return brackets(false, K::left_bracket);
    case K::right_bracket:
      return brackets(true, K::right_bracket);
    case K::left_set:
      return set_braces();
    case K::left_floor:
      return between(K::right_floor, Function::floor);
    case K::left_ceil:
      return between(K::right_ceil, Function::ceil);
    case K::left_bar:
    case K::bar:
      return bars();
    case K::left_angle:
      return angle();
    case K::relation:
      return angle();
    default:
      return fail();
  }
}

/// {a}, {a \over b}, {a \choose b}; {a, b} is a set as plain text writes it.
Parser::Node Parser::group(Context context) {
  expect(K::left_brace);
  while (is(K::left_brace) && is(K::right_brace, 1)) at_ += 2;
  if (accept(K::right_brace)) return atom();  // {} holds nothing: ${}_5C_2$
  context.in_bar = context.in_interval = context.in_angle = context.in_set = false;
  const Level level(*this, context);
  std::vector<Node> parts = items();
  Node result = parts.size() == 1 ? parts[0] : make(Op::set, parts);
  if (is(K::over) || is(K::choose)) {
    const Op op = is(K::over) ? Op::div : Op::binom;
    ++at_;
    const Node below = item();
    result = make(op, {result, below});
  }
  expect(K::right_brace);
  return result;
}

Parser::Node Parser::currency() {
  marks_.currency = peek().text;
  ++at_;
  if (!context_.units) return fail();
  return factor(true);
}

Parser::Node Parser::number_atom() {
  Number value = tokens_.numbers[peek().number];
  if (is(K::underscore, 1)) return based_number(std::move(value));
  if (is(K::accent, 1) && peek().text.find('.') != std::string_view::npos && !peek(1).blank_before)
    return repeating(std::move(value));
  // 0.(3) repeats the 3.
  const bool stop = peek().text.ends_with('.') || value.decimal;
  if (stop && is(K::left_paren, 1) && !peek(1).blank_before && whole_number_at(2) &&
      is(K::right_paren, 3)) {
    return repeating(std::move(value));
  }
  for (const char c : value.digits) {
    if (!is_digit(c)) return fail();
  }
  if (Node mixed = mixed_number(); mixed != kNone || failed()) return mixed;
  ++at_;
  if (is(K::word) || is(K::text)) {
    if (const int power = multiplier_of(peek().text); power > 0) {
      ++at_;
      std::string digits(static_cast<size_t>(power) + 1, '0');
      digits[0] = '1';
      const Node scale = number({.digits = std::move(digits)});
      return make(Op::mul, {number(std::move(value)), scale});
    }
  }
  return number(std::move(value));
}

/// 1\frac23 and 3 1/2, of whole literals only (rule 23). kNone, without failure, if none is here.
Parser::Node Parser::mixed_number() {
  if (!whole_number_at(0)) return kNone;
  const Number first = tokens_.numbers[peek().number];
  if (is(K::fraction, 1)) {
    // The arguments must be literals: {2}{3}, 23, 2{3}, {2}3.
    size_t at = 2;
    int literals = 0;
    while (literals < 2) {
      if (is(K::left_brace, at) && whole_number_at(at + 1) && is(K::right_brace, at + 2)) {
        at += 3;
      } else if (whole_number_at(at) && literals == 0 && peek(at).text.size() == 2) {
        at += 1;
        literals = 2;
        break;
      } else if (whole_number_at(at) && peek(at).text.size() == 1) {
        at += 1;
      } else {
        return kNone;
      }
      ++literals;
    }
    ++at_;
    const Node part = fraction();
    const Node sum = make(Op::add, {number(first), part});
    if (!failed()) tree_.nodes[sum].parenthesised = true;
    return sum;
  }
  const bool plain = whole_number_at(1) && peek(1).blank_before && is(K::slash, 2) &&
                     whole_number_at(3) && !is(K::number, 4);
  if (!plain) return kNone;
  const Node above = number(tokens_.numbers[peek(1).number]);
  const Node below = number(tokens_.numbers[peek(3).number]);
  at_ += 4;
  const Node part = make(Op::div, {above, below});
  const Node sum = make(Op::add, {number(first), part});
  if (!failed()) tree_.nodes[sum].parenthesised = true;
  return sum;
}

/// The base behind `_`, or 0.
int Parser::base_at_subscript() {
  constexpr std::string_view kNames[] = {"two",    "three",    "four",     "five",    "six",
                                         "seven",  "eight",    "nine",     "ten",     "eleven",
                                         "twelve", "thirteen", "fourteen", "fifteen", "sixteen"};
  const bool braced = is(K::left_brace);
  const Token& token = peek(braced ? 1 : 0);
  if (braced && !is(K::right_brace, 2)) return 0;
  int base = 0;
  if (const Number* value = number_at(braced ? 1 : 0); value != nullptr) {
    if (value->decimal || value->exponent != 0 || value->digits.size() > 2) return 0;
    for (const char c : value->digits) {
      if (!is_digit(c)) return 0;
      base = base * 10 + (c - '0');
    }
  } else if (token.kind == K::text || token.kind == K::word) {
    for (size_t i = 0; i < std::size(kNames); ++i) {
      if (token.text == kNames[i]) base = static_cast<int>(i) + 2;
    }
    if (token.text == "10") base = 10;
  }
  at_ += braced ? 3 : 1;
  return base;
}

Parser::Node Parser::based_number(Number value) {
  at_ += 2;
  const int base = base_at_subscript();
  if (base < 2 || base > 36) return fail();
  for (const char c : value.digits) {
    const int digit = is_digit(c) ? c - '0' : c - 'A' + 10;
    if (digit >= base) return fail();
  }
  value.base = static_cast<uint8_t>(base);
  value.base_shown = true;
  return number(std::move(value));
}

/// 0.1\overline{6} is the exact fraction 15/90.
Parser::Node Parser::repeating(Number value) {
  ++at_;
  const bool round = is(K::left_paren);
  const std::string_view name = peek().text;
  ++at_;
  const bool braced = !round && accept(K::left_brace);
  const Number* part = number_at(0);
  if ((!round && name != "overline" && name != "bar" && name != "dot") || part == nullptr ||
      part->decimal || part->exponent != 0) {
    return fail();
  }
  // The digits as written: leading zeros count.
  const std::string block(peek().text);
  for (const char c : block) {
    if (!is_digit(c)) return fail();
  }
  ++at_;
  if (braced || round) expect(round ? K::right_paren : K::right_brace);
  // (whole * 10^n + block - whole) / ((10^n - 1) 10^m), kept as a sum of two fractions.
  const auto n = block.size();
  const auto m = static_cast<size_t>(value.decimals_shown);
  if (n + m > Guards::kDigits / 2) return fail(Reason::guard);
  Number above{.digits = block};
  above.digits.erase(0, std::min(above.digits.find_first_not_of('0'), above.digits.size() - 1));
  const Number below{.digits = std::string(n, '9') + std::string(m, '0')};
  const bool bare = value.digits == "0";
  if (bare) return make(Op::div, {number(above), number(below)});
  const Node base = number(std::move(value));
  const Node rest = make(Op::div, {number(above), number(below)});
  const Node sum = make(Op::add, {base, rest});
  if (!failed()) tree_.nodes[sum].parenthesised = true;
  return sum;
}

/// What stands in braces, or the next token, as it was written and without blanks.
std::string Parser::raw_argument() {
  std::string result;
  const auto take = [&] {
    const std::string_view raw = peek().raw;
    const bool name = raw.size() > 1 && raw[0] == '\\' && is_letter(raw.back());
    result += raw;
    if (name) result += ' ';
    ++at_;
  };
  if (!accept(K::left_brace)) {
    const bool nameable = is(K::letter) || is(K::number) || is(K::word) || is(K::text) ||
                          is(K::constant) || is(K::plus) || is(K::minus) || is(K::times);
    if (nameable) take();
    while (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
  }
  int depth = 1;
  while (!is(K::end)) {
    if (is(K::left_brace)) ++depth;
    if (is(K::right_brace) && --depth == 0) break;
    take();
  }
  expect(K::right_brace);
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string Parser::subscript() {
  std::string content = raw_argument();
  if (content.empty()) fail();
  std::string result("_{");
  return result.append(content).append(1, '}');
}

Parser::Node Parser::letter_atom() {
  std::string name(peek().text);
  const bool function_name = name == "f" || name == "g" || name == "h";
  const bool left_side = left_side_call();
  ++at_;
  if (accept(K::underscore)) name += subscript();
  while (accept(K::prime)) name += '\'';
  if (is(K::caret) && is(K::prime, 1)) {
    at_ += 2;
    name += '\'';
  }
  if (function_name && is(K::caret) && is(K::left_brace, 1) && is(K::minus, 2) &&
      peek(3).text == "1" && is(K::right_brace, 4) && is(K::left_paren, 5)) {
    at_ += 5;
    name += "^{-1}";
  }
  if ((function_name || left_side) && is(K::left_paren)) return call_arguments(name);
  return named(Op::symbol, name);
}

/// P(x) = ...: any letter is a function's name there.
bool Parser::left_side_call() const {
  if (depth_ > 0 || !is(K::left_paren, 1)) return false;
  const K before = at_ == 0 ? K::comma : tokens_.list[at_ - 1].kind;
  if (before != K::comma && before != K::separator) return false;
  size_t at = 2;
  while (is(K::letter, at) && is(K::comma, at + 1)) at += 2;
  return is(K::letter, at) && is(K::right_paren, at + 1) && is(K::relation, at + 2);
}

Parser::Node Parser::call_arguments(std::string_view name) {
  expect(K::left_paren);
  const Level level(*this, inner());
  const std::vector<Node> arguments = items();
  expect(K::right_paren);
  return named(Op::call, name, arguments);
}

Parser::Node Parser::word_atom() {
  const Token& token = peek();
  // A quantity named by words: Area = 5.
  const bool named_quantity =
      is(K::relation, 1) && (at_ == 0 || tokens_.list[at_ - 1].kind == K::comma);
  if (named_quantity) {
    ++at_;
    std::string name("\\text{");
    return named(Op::symbol, name.append(token.text).append(1, '}'));
  }
  if (token.text.size() == 1 && is_letter(token.text[0])) return letter_atom();
  if (token.kind == K::word && token.text.size() == 2 && is_letter(token.text[0])) {
    const Node first = named(Op::symbol, token.text.substr(0, 1));
    const Node second = named(Op::symbol, token.text.substr(1));
    ++at_;
    return make(Op::mul, {first, second});
  }
  return fail();
}

Parser::Node Parser::accent() {
  std::string name(1, '\\');
  name += peek().text;
  ++at_;
  const std::string content = raw_argument();
  if (content.empty()) return fail();
  name.append(1, '{').append(content).append(1, '}');
  if (accept(K::underscore)) name += subscript();
  return named(Op::symbol, name);
}

}  // namespace reckon::rewards::math
