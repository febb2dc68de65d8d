#include "policy/chat/expression_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.h"

namespace reckon::policy::jinja {

ExpressionPtr ExpressionParser::make(ExpressionKind kind) const {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->line = peek().line;
  return expression;
}

void ExpressionParser::add_child(Expression& parent, ExpressionPtr child) const {
  if (child != nullptr) parent.depth = std::max(parent.depth, child->depth + 1);
  parent.children.push_back(std::move(child));
  check(parent.depth <= kMaxDepth, ErrorCode::unsupported,
        "expected an expression of at most {} levels, got more, in the chat template, line {}",
        kMaxDepth, parent.line);
}

template <class... Children>
ExpressionPtr ExpressionParser::node(ExpressionKind kind, std::string name,
                                     Children... children) const {
  ExpressionPtr made = make(kind);
  made->name = std::move(name);
  (add_child(*made, std::move(children)), ...);
  return made;
}

ExpressionPtr ExpressionParser::parse_expression() {
  const Nesting nesting(*this);
  ExpressionPtr result = parse_or();
  while (skip_name("if")) {
    ExpressionPtr condition = parse_or();
    ExpressionPtr otherwise = skip_name("else") ? parse_expression() : nullptr;
    result = node(ExpressionKind::conditional, "", std::move(result), std::move(condition),
                  std::move(otherwise));
  }
  return result;
}

bool ExpressionParser::tuple_ends() const {
  const TokenKind kind = peek().kind;
  return kind == TokenKind::variable_end || kind == TokenKind::block_end || at_symbol(")");
}

ExpressionPtr ExpressionParser::parse_tuple(bool with_conditional) {
  const auto parse_item = [&] { return with_conditional ? parse_expression() : parse_or(); };
  ExpressionPtr first = parse_item();
  if (!at_symbol(",")) return first;
  ExpressionPtr tuple = node(ExpressionKind::tuple, "", std::move(first));
  while (skip_symbol(",") && !tuple_ends()) add_child(*tuple, parse_item());
  return tuple;
}

ExpressionPtr ExpressionParser::parse_or() {
  ExpressionPtr left = parse_and();
  while (skip_name("or")) left = node(ExpressionKind::logical_or, "", std::move(left), parse_and());
  return left;
}

ExpressionPtr ExpressionParser::parse_and() {
  ExpressionPtr left = parse_not();
  while (skip_name("and")) {
    left = node(ExpressionKind::logical_and, "", std::move(left), parse_not());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_not() {
  if (!at_name("not")) return parse_comparison();
  const Nesting nesting(*this);
  next();
  return node(ExpressionKind::logical_not, "", parse_not());
}

ExpressionPtr ExpressionParser::parse_comparison() {
  ExpressionPtr left = parse_sum();
  ExpressionPtr comparison;
  for (;;) {
    std::string sign;
    if (at_name("in")) {
      sign = next().text;
    } else if (at_name("not") && peek(1).is_name("in")) {
      next();
      next();
      sign = "not in";
    } else if (peek().kind == TokenKind::symbol) {
      for (const char* known : {"==", "!=", "<=", ">=", "<", ">"}) {
        if (at_symbol(known)) sign = known;
      }
      if (!sign.empty()) next();
    }
    if (sign.empty()) return comparison ? std::move(comparison) : std::move(left);
    if (!comparison) comparison = node(ExpressionKind::comparison, "", std::move(left));
    comparison->keywords.push_back(std::move(sign));
    add_child(*comparison, parse_sum());
  }
}

ExpressionPtr ExpressionParser::parse_sum() {
  ExpressionPtr left = parse_concatenation();
  while (at_symbol("+") || at_symbol("-")) {
    std::string sign = next().text;
    left =
        node(ExpressionKind::arithmetic, std::move(sign), std::move(left), parse_concatenation());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_concatenation() {
  ExpressionPtr left = parse_product();
  if (!at_symbol("~")) return left;
  ExpressionPtr joined = node(ExpressionKind::concatenation, "", std::move(left));
  while (skip_symbol("~")) add_child(*joined, parse_product());
  return joined;
}

ExpressionPtr ExpressionParser::parse_product() {
  ExpressionPtr left = parse_power();
  while (at_symbol("*") || at_symbol("/") || at_symbol("//") || at_symbol("%")) {
    std::string sign = next().text;
    left = node(ExpressionKind::arithmetic, std::move(sign), std::move(left), parse_power());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_power() {
  ExpressionPtr left = parse_unary(true);
  while (skip_symbol("**")) {
    left = node(ExpressionKind::arithmetic, "**", std::move(left), parse_unary(true));
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_unary(bool with_filters) {
  ExpressionPtr result;
  if (at_symbol("-") || at_symbol("+")) {
    const Nesting nesting(*this);
    const auto kind = next().text == "-" ? ExpressionKind::negation : ExpressionKind::plus;
    result = node(kind, "", parse_unary(false));
  } else {
    result = parse_primary();
  }
  result = parse_postfix(std::move(result));
  return with_filters ? parse_postfix_filters(std::move(result)) : std::move(result);
}

ExpressionPtr ExpressionParser::parse_primary() {
  const Token& token = peek();
  if (token.kind == TokenKind::name) return parse_name();
  if (token.kind == TokenKind::integer || token.kind == TokenKind::floating) return parse_number();
  if (token.kind == TokenKind::string) {
    ExpressionPtr result = make(ExpressionKind::literal);
    std::string text;
    while (peek().kind == TokenKind::string) text += next().text;
    result->value = Value(std::move(text));
    return result;
  }
  if (at_symbol("(")) return parse_bracketed_tuple();
  if (at_symbol("[")) return parse_list();
  if (at_symbol("{")) return parse_mapping();
  fail_here("an expression");
}

ExpressionPtr ExpressionParser::parse_name() {
  ExpressionPtr result = make(ExpressionKind::literal);
  const std::string name = next().text;
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    result->value = Value(name == "true" || name == "True");
  } else if (name == "none" || name == "None") {
    result->value = Value(None{});
  } else {
    result->kind = ExpressionKind::variable;
    result->name = name;
  }
  return result;
}

ExpressionPtr ExpressionParser::parse_number() {
  ExpressionPtr result = make(ExpressionKind::literal);
  const Token token = next();
  const char* end = token.text.data() + token.text.size();
  std::int64_t integer = 0;
  double floating = 0;
  const bool is_integer = token.kind == TokenKind::integer;
  const auto read = is_integer ? std::from_chars(token.text.data(), end, integer)
                               : std::from_chars(token.text.data(), end, floating);
  check(read.ec == std::errc() && read.ptr == end, ErrorCode::unsupported,
        "expected a number of 64 bits, got {}, in the chat template, line {}",
        token.text.substr(0, 40), token.line);
  result->value = is_integer ? Value(integer) : Value(floating);
  return result;
}

ExpressionPtr ExpressionParser::parse_bracketed_tuple() {
  expect_symbol("(");
  if (skip_symbol(")")) return make(ExpressionKind::tuple);
  ExpressionPtr result = parse_tuple();
  expect_symbol(")");
  return result;
}

ExpressionPtr ExpressionParser::parse_list() {
  expect_symbol("[");
  ExpressionPtr list = make(ExpressionKind::list);
  while (!at_symbol("]")) {
    add_child(*list, parse_expression());
    if (!at_symbol("]")) expect_symbol(",");
  }
  expect_symbol("]");
  return list;
}

ExpressionPtr ExpressionParser::parse_mapping() {
  expect_symbol("{");
  ExpressionPtr mapping = make(ExpressionKind::mapping);
  while (!at_symbol("}")) {
    add_child(*mapping, parse_expression());
    expect_symbol(":");
    add_child(*mapping, parse_expression());
    if (!at_symbol("}")) expect_symbol(",");
  }
  expect_symbol("}");
  return mapping;
}

ExpressionPtr ExpressionParser::parse_postfix(ExpressionPtr node) {
  for (;;) {
    if (at_symbol(".")) {
      node = parse_attribute(std::move(node));
    } else if (at_symbol("[")) {
      node = parse_subscript(std::move(node));
    } else if (at_symbol("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExpressionPtr ExpressionParser::parse_postfix_filters(ExpressionPtr node) {
  for (;;) {
    if (skip_symbol("|")) {
      node = parse_filter(std::move(node));
    } else if (skip_name("is")) {
      node = parse_test(std::move(node));
    } else if (at_symbol("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExpressionPtr ExpressionParser::parse_filters(ExpressionPtr input) {
  input = parse_filter(std::move(input));
  while (skip_symbol("|")) input = parse_filter(std::move(input));
  return input;
}

ExpressionPtr ExpressionParser::parse_attribute(ExpressionPtr object) {
  expect_symbol(".");
  if (peek().kind == TokenKind::integer) {
    return node(ExpressionKind::item, "", std::move(object), parse_number());
  }
  std::string name = expect_name("the name of an attribute");
  return node(ExpressionKind::attribute, std::move(name), std::move(object));
}

ExpressionPtr ExpressionParser::parse_subscript(ExpressionPtr object) {
  expect_symbol("[");
  ExpressionPtr part = at_symbol(":") ? nullptr : parse_expression();
  if (!at_symbol(":")) {
    expect_symbol("]");
    return node(ExpressionKind::item, "", std::move(object), std::move(part));
  }
  ExpressionPtr slice = node(ExpressionKind::slice, "", std::move(object), std::move(part));
  while (slice->children.size() < 4) {
    const bool given = skip_symbol(":") && !at_symbol(":") && !at_symbol("]");
    add_child(*slice, given ? parse_expression() : nullptr);
  }
  expect_symbol("]");
  return slice;
}

ExpressionPtr ExpressionParser::parse_call(ExpressionPtr function) {
  ExpressionPtr call = node(ExpressionKind::call, "", std::move(function));
  parse_arguments(*call);
  return call;
}

void ExpressionParser::parse_arguments(Expression& call) {
  expect_symbol("(");
  while (!at_symbol(")")) {
    if (at_symbol("*") || at_symbol("**")) fail_here("an argument");
    std::string keyword;
    if (peek().kind == TokenKind::name && peek(1).is_symbol("=")) {
      keyword = next().text;
      next();
    } else if (!call.keywords.empty() && !call.keywords.back().empty()) {
      fail_here("another keyword argument");
    }
    add_child(call, parse_expression());
    call.keywords.push_back(std::move(keyword));
    if (!at_symbol(")")) expect_symbol(",");
  }
  expect_symbol(")");
}

ExpressionPtr ExpressionParser::parse_filter(ExpressionPtr input) {
  std::string name = expect_name("the name of a filter");
  ExpressionPtr filter = node(ExpressionKind::filter, std::move(name), std::move(input));
  if (at_symbol("(")) parse_arguments(*filter);
  return filter;
}

ExpressionPtr ExpressionParser::parse_test(ExpressionPtr input) {
  const bool negated = skip_name("not");
  std::string name = expect_name("the name of a test");
  ExpressionPtr test = node(ExpressionKind::test, std::move(name), std::move(input));
  const TokenKind kind = peek().kind;
  const bool value_follows = kind == TokenKind::string || kind == TokenKind::integer ||
                             kind == TokenKind::floating || at_symbol("[") || at_symbol("{") ||
                             (kind == TokenKind::name && !at_name("else") && !at_name("or") &&
                              !at_name("and") && !at_name("if"));
  if (at_symbol("(")) {
    parse_arguments(*test);
  } else if (at_name("is")) {
    fail_here("one test");
  } else if (value_follows) {
    const Nesting nesting(*this);
    add_child(*test, parse_postfix(parse_primary()));
    test->keywords.emplace_back();
  }
  return negated ? node(ExpressionKind::logical_not, "", std::move(test)) : std::move(test);
}

}  // namespace reckon::policy::jinja
