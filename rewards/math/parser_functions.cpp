// Fractions, roots, functions, sums, integrals, limits.
#include "rewards/math/parser.h"

namespace reckon::rewards::math {

/// An argument as TeX takes it: a group, or one token; of a number, one digit.
Parser::Node Parser::argument() {
  if (failed()) return kNone;
  if (is(K::left_brace)) {
    if (is(K::right_brace, 1)) return fail();
    return group(inner());
  }
  const Level level(*this, inner());
  if (failed()) return kNone;
  if (is(K::number) && (!whole_number_at(0) || peek().text.size() != 1)) return fail();
  if (is(K::number)) return number(tokens_.numbers[tokens_.list[at_++].number]);
  if (is(K::letter)) {
    const Node letter = named(Op::symbol, peek().text);
    ++at_;
    return letter;
  }
  const bool operand = is(K::constant) || is(K::root) || is(K::fraction) || is(K::binomial) ||
                       is(K::accent) || is(K::left_paren) ||
                       (is(K::word) && peek().text.size() == 2);
  return operand ? atom() : fail();
}

/// \frac12, \frac{1}{2}, \frac1{72}. \frac123 is read by nobody the same way (rule 35).
Parser::Node Parser::fraction() {
  ++at_;
  Node above = kNone;
  Node below = kNone;
  if (whole_number_at(0) && peek().text.size() == 2) {
    const std::string_view digits = peek().text;
    ++at_;
    if (is(K::left_brace) && !peek().blank_before) return fail();
    above = number({.digits = std::string(digits.substr(0, 1))});
    below = number({.digits = std::string(digits.substr(1))});
  } else {
    above = argument();
    below = argument();
  }
  return make(Op::div, {above, below});
}

Parser::Node Parser::binomial() {
  const Node fraction_like = fraction();
  if (!failed()) tree_.nodes[fraction_like].op = Op::binom;
  return fraction_like;
}

Parser::Node Parser::root(int index) {
  ++at_;
  Node degree = kNone;
  if (is(K::left_bracket) && index == 2) {
    ++at_;
    const Number* literal = whole_number_at(0) && is(K::right_bracket, 1) ? number_at(0) : nullptr;
    if (literal != nullptr) {
      if (literal->digits.size() > 2 || std::stoi(literal->digits) > Guards::kRootIndex) {
        return fail(Reason::guard);
      }
      index = std::stoi(literal->digits);
      if (index < 2) return fail();
      ++at_;
    } else {
      degree = nested(inner());
    }
    expect(K::right_bracket);
  }
  const Level level(*this, inner(), is(K::left_brace) || is(K::left_paren) ? 0 : 1);
  if (failed()) return kNone;
  Node radicand = kNone;
  if (is(K::left_brace)) {
    radicand = argument();
  } else if (is(K::number)) {
    // \sqrt12 means the whole number (rule 35).
    radicand = number(tokens_.numbers[tokens_.list[at_++].number]);
  } else {
    radicand = atom();
  }
  if (degree == kNone) return make(Op::root, {radicand}, static_cast<uint8_t>(index));
  const Node inverse_degree = make(Op::div, {whole(1), degree});
  return make(Op::pow, {radicand, inverse_degree});
}

Function Parser::inverse(Function function) {
  switch (function) {
    case Function::sin:
      return Function::asin;
    case Function::cos:
      return Function::acos;
    case Function::tan:
      return Function::atan;
    case Function::cot:
      return Function::acot;
    case Function::sec:
      return Function::asec;
    case Function::csc:
      return Function::acsc;
    case Function::sinh:
      return Function::asinh;
    case Function::cosh:
      return Function::acosh;
    case Function::tanh:
      return Function::atanh;
    default:
      return function;
  }
}

std::vector<Parser::Node> Parser::function_arguments() {
  if (is(K::left_paren) || is(K::left_set)) {
    const K closing = is(K::left_paren) ? K::right_paren : K::right_set;
    ++at_;
    std::vector<Node> parts = bracketed_items(inner());
    expect(closing);
    return parts;
  }
  return {implicit_product()};
}

/// The base of a logarithm: \log_2 8, \log_{10} x, \log_b x.
Parser::Node Parser::log_base() {
  const Level level(*this, inner(), is(K::left_brace) ? 0 : 1);
  if (failed()) return kNone;
  if (is(K::number)) return number(tokens_.numbers[tokens_.list[at_++].number]);
  return argument();
}

/// \sin x, \sin(x), \sin^2 x, \sin^{-1} x, \log_2 8, \gcd(4, 6), \operatorname{name}(x).
Parser::Node Parser::function() {
  const Token token = peek();
  ++at_;
  Node base = kNone;
  Node power = kNone;
  Function which = static_cast<Function>(token.detail);
  bool inverted = false;
  if (token.kind == K::function && which == Function::log && accept(K::underscore)) {
    base = log_base();
  }
  if (accept(K::caret)) {
    const bool braced = is(K::left_brace);
    const size_t first = braced ? 1 : 0;
    inverted = token.kind == K::function && inverse(which) != which && is(K::minus, first) &&
               peek(first + 1).text == "1" && (!braced || is(K::right_brace, first + 2));
    if (inverted) {
      at_ += braced ? 4 : 2;
    } else {
      power = exponent();
    }
  }
  if (failed()) return kNone;
  Token meant = token;
  if (inverted) meant.detail = static_cast<uint8_t>(inverse(which));
  const Node value = function_value(meant, base, function_arguments());
  return power == kNone ? value : make(Op::pow, {value, power});
}

Parser::Node Parser::function_value(const Token& token, Node base,
                                    const std::vector<Node>& arguments) {
  if (failed()) return kNone;
  if (token.kind == K::call) return named(Op::call, token.text, arguments);
  const auto which = static_cast<Function>(token.detail);
  const bool many = which == Function::gcd || which == Function::lcm || which == Function::min ||
                    which == Function::max;
  if (!many && arguments.size() != 1) return fail();
  if (base != kNone) {
    return make(Op::func, {base, arguments[0]}, static_cast<uint8_t>(Function::log_base));
  }
  return make(Op::func, arguments, token.detail);
}

/// What stands behind the `mark` of a big operator, if it is there.
Parser::Node Parser::bound(K mark) {
  if (!accept(mark)) return kNone;
  const Level level(*this, inner(), is(K::left_brace) ? 0 : 1);
  return failed() ? kNone : short_exponent();
}

/// \sum_{k=1}^{n} body: the body is the product behind it.
Parser::Node Parser::big_operator() {
  const bool sum = is(K::sum);
  ++at_;
  const Level level(*this, inner());
  if (failed()) return kNone;
  const bool formed = is(K::underscore) && is(K::left_brace, 1) &&
                      (is(K::letter, 2) || is(K::constant, 2)) && is(K::relation, 3) &&
                      peek(3).detail == static_cast<uint8_t>(Relation::equal);
  if (!formed) {
    std::vector<Node> parts;
    for (const K mark : {K::underscore, K::caret, K::underscore}) {
      if (const Node part = bound(mark); part != kNone) parts.push_back(part);
    }
    parts.push_back(product_level());
    return named(Op::opaque, sum ? "sum" : "prod", parts);
  }
  const std::string_view name = peek(2).text;
  at_ += 4;
  const Node variable = named(Op::symbol, name);
  const Node lower = item();
  expect(K::right_brace);
  const Node upper = bound(K::caret);
  if (upper == kNone) return fail();
  bound_.push_back(name);
  const Node body = product_level();
  bound_.pop_back();
  return make(sum ? Op::sum : Op::prod, {variable, lower, upper, body});
}

Parser::Node Parser::integral() {
  constexpr std::string_view kNames[] = {"int", "iint", "oint"};
  const std::string_view name = kNames[peek().detail];
  ++at_;
  const Level level(*this, inner());
  if (failed()) return kNone;
  std::vector<Node> parts;
  for (const K mark : {K::underscore, K::caret, K::underscore}) {
    if (const Node part = bound(mark); part != kNone) parts.push_back(part);
  }
  parts.push_back(product_level());
  return named(Op::opaque, name, parts);
}

Parser::Node Parser::limit() {
  ++at_;
  const Level level(*this, inner());
  if (failed() || !expect(K::underscore) || !expect(K::left_brace)) return kNone;
  const Node variable = item();
  if (!expect(K::arrow)) return kNone;
  const Node target = item();
  expect(K::right_brace);
  const Node body = product_level();
  return named(Op::opaque, "lim", {variable, target, body});
}

}  // namespace reckon::rewards::math
