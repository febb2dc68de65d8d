// Sums, products and powers.
#include "rewards/math/parser.h"

namespace reckon::rewards::math {

Parser::Node Parser::term_with_sign(const Token& sign, Node term) {
  if (sign.kind == K::minus) return make(Op::neg, {term});
  if (sign.kind == K::plus_minus) return make(Op::plus_minus, {term}, sign.detail);
  return term;
}

/// A term with all the signs before it, the outermost first.
Parser::Node Parser::signed_term() {
  std::vector<Token> signs;
  while (is(K::plus) || is(K::minus) || is(K::plus_minus)) {
    if (!is(K::plus)) signs.push_back(peek());
    ++at_;
    if (signs.size() > static_cast<size_t>(Guards::kNesting)) return fail(Reason::guard);
  }
  Node term = product_level();
  for (size_t i = signs.size(); i-- > 0;) term = term_with_sign(signs[i], term);
  return term;
}

Parser::Node Parser::sum_level() {
  std::vector<Node> terms{signed_term()};
  while (!failed() && (is(K::plus) || is(K::minus) || is(K::plus_minus))) {
    terms.push_back(signed_term());
  }
  Node result = terms.size() == 1 ? terms[0] : make(Op::add, terms);
  result = remainder_of(result);
  return context_.units ? unit_suffix(result) : result;
}

/// `3 \pmod 5`, `3 (mod 5)`.
Parser::Node Parser::remainder_of(Node value) {
  if (accept(K::modulo_of)) {
    const Node divisor = argument();
    return make(Op::mod, {value, divisor});
  }
  if (is(K::left_paren) && is(K::modulo, 1)) {
    at_ += 2;
    const Node divisor = nested(inner());
    expect(K::right_paren);
    return make(Op::mod, {value, divisor});
  }
  return value;
}

bool Parser::starts_factor() const {
  switch (peek().kind) {
    case K::function:
      return !at_unit();
    case K::number:
    case K::letter:
    case K::call:
    case K::constant:
    case K::accent:
    case K::fraction:
    case K::binomial:
    case K::root:
    case K::cube_root:
    case K::sum:
    case K::product:
    case K::integral:
    case K::limit:
    case K::begin:
    case K::left_brace:
    case K::left_floor:
    case K::left_ceil:
    case K::left_bar:
      return true;
    case K::word:
      return !at_unit() && peek().text.size() == 2;
    case K::text:
      return !at_unit() && peek().text.size() == 1;
    case K::left_paren:
      return !is(K::modulo, 1);
    case K::left_bracket:
      return !context_.in_interval;
    case K::bar:
      return !context_.in_bar && !context_.in_set;
    default:
      return false;
  }
}

/// U between intervals is a union: (0,1) U (2,3).
bool Parser::ends_product() const {
  const auto closes = [](K kind) { return kind == K::right_paren || kind == K::right_bracket; };
  const auto opens = [](K kind) { return kind == K::left_paren || kind == K::left_bracket; };
  return is(K::letter) && peek().text == "U" && at_ > 0 && closes(tokens_.list[at_ - 1].kind) &&
         opens(peek(1).kind);
}

Parser::Node Parser::product_level() {
  std::vector<Node> factors{factor(true)};
  const auto joined = [&] { return factors.size() == 1 ? factors[0] : make(Op::mul, factors); };
  while (!failed()) {
    if (accept(K::times)) {
      factors.push_back(factor(true));
    } else if (is(K::slash) || is(K::modulo)) {
      const Op op = is(K::slash) ? Op::div : Op::mod;
      ++at_;
      const Node left = joined();
      const Node right = factor(true);
      factors = {make(op, {left, right})};
    } else if (starts_factor() && !ends_product()) {
      // 2 3 is no product.
      if (is(K::number) && tokens_.list[at_ - 1].kind == K::number) return fail();
      factors.push_back(factor(false));
    } else {
      break;
    }
  }
  return joined();
}

/// The argument of a function without parentheses: up to an operator or the next function.
Parser::Node Parser::implicit_product() {
  Context context = context_;
  context.units = false;
  context.argument = true;
  const Level level(*this, context);
  std::vector<Node> factors{factor(true)};
  while (!failed() && starts_factor() && !is(K::function) && !is(K::call) && !ends_product()) {
    if (is(K::number) && tokens_.list[at_ - 1].kind == K::number) return fail();
    factors.push_back(factor(false));
  }
  return factors.size() == 1 ? factors[0] : make(Op::mul, factors);
}

/// An atom with what is raised and written behind it. `sign_allowed`: 2 \cdot -3.
Parser::Node Parser::factor(bool sign_allowed) {
  std::vector<Token> signs;
  while (sign_allowed && (is(K::minus) || is(K::plus) || is(K::plus_minus))) {
    if (!is(K::plus)) signs.push_back(peek());
    ++at_;
    if (signs.size() > static_cast<size_t>(Guards::kNesting)) return fail(Reason::guard);
  }
  Node result = powers(atom());
  for (size_t i = signs.size(); i-- > 0;) result = term_with_sign(signs[i], result);
  return result;
}

Parser::Node Parser::powers(Node base) {
  while (!failed()) {
    if (accept(K::caret)) {
      const bool braced = is(K::left_brace);
      const bool plus = is(K::plus, braced ? 1 : 0);
      const bool minus = is(K::minus, braced ? 1 : 0);
      const bool alone = braced ? is(K::right_brace, 2) : (at_item_end(1) || is(K::times, 1));
      if ((plus || minus) && alone) {
        // R^+, 0^-: a mark, not a power.
        at_ += braced ? 3 : 1;
        base = named(Op::opaque, plus ? "^+" : "^-", {base});
      } else {
        base = make(Op::pow, {base, exponent()});
      }
    } else if (is(K::factorial) || is(K::percent) || is(K::degree)) {
      base = postfix(base);
    } else {
      break;
    }
  }
  return base;
}

Parser::Node Parser::postfix(Node base) {
  if (accept(K::factorial)) {
    if (!is(K::factorial)) return make(Op::factorial, {base});
    while (accept(K::factorial)) {
    }
    return named(Op::opaque, "!!", {base});
  }
  if (accept(K::percent)) {
    if (!context_.units) return fail();
    marks_.percent = true;
    return starts_factor() ? fail() : base;
  }
  ++at_;
  return degree_of(base);
}

/// Beside the value at top level, a factor π/180 inside an argument (rule 19).
Parser::Node Parser::degree_of(Node value) {
  if (context_.units) {
    marks_.degrees = true;
    const bool scale = is(K::letter) && (peek().text == "C" || peek().text == "F");
    if (scale && at_item_end(1)) {
      marks_.unit = peek().text == "C" ? "celsius" : "fahrenheit";
      ++at_;
    }
    return value;
  }
  const Node pi = make(Op::constant, {}, static_cast<uint8_t>(Constant::pi));
  const Node scale = make(Op::div, {pi, whole(180)});
  return make(Op::mul, {value, scale});
}

Parser::Node Parser::exponent() {
  const Level level(*this, inner(), is(K::left_brace) || is(K::left_paren) ? 0 : 1);
  const Node result = short_exponent();
  // x^y^z is x^(y^z).
  if (accept(K::caret)) return make(Op::pow, {result, exponent()});
  return result;
}

/// x^10, x^-1, x^(2/3), x^\frac12, x^{...}.
Parser::Node Parser::short_exponent() {
  std::vector<Token> signs;
  while (is(K::minus) || is(K::plus)) {
    if (is(K::minus)) signs.push_back(peek());
    ++at_;
    if (signs.size() > static_cast<size_t>(Guards::kNesting)) return fail(Reason::guard);
  }
  Node result = is(K::number) ? number(tokens_.numbers[tokens_.list[at_++].number]) : atom();
  for (size_t i = signs.size(); i-- > 0;) result = make(Op::neg, {result});
  return result;
}

}  // namespace reckon::rewards::math
