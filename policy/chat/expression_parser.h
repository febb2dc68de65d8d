#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/chat/template_ast.h"
#include "policy/chat/token_stream.h"

namespace reckon::policy::jinja {

/// Reads expressions from the tokens of a template, with the grammar and precedence of Jinja. All
/// members throw Error(unsupported) that names what was found and its line, also for trees that are
/// too deep.
class ExpressionParser : public TokenStream {
 public:
  using TokenStream::TokenStream;

 protected:
  /// Levels of an expression's tree: a chain of operators is deep, too.
  static constexpr int kMaxDepth = 150;

  /// `a`, `a if b else c`.
  ExpressionPtr parse_expression();
  /// `a`, or `a, b` as a tuple, which ends before `end_names` such as `in`.
  ExpressionPtr parse_tuple(bool with_conditional = true);
  /// An expression without `if` behind it.
  ExpressionPtr parse_or();
  /// Filters `name(arguments) | ...`, without the bar before the first, for `input`.
  ExpressionPtr parse_filters(ExpressionPtr input);

 private:
  ExpressionPtr parse_and();
  ExpressionPtr parse_not();
  ExpressionPtr parse_comparison();
  ExpressionPtr parse_sum();
  ExpressionPtr parse_concatenation();
  ExpressionPtr parse_product();
  ExpressionPtr parse_power();
  ExpressionPtr parse_unary(bool with_filters);
  ExpressionPtr parse_primary();
  ExpressionPtr parse_name();
  ExpressionPtr parse_number();
  ExpressionPtr parse_bracketed_tuple();
  ExpressionPtr parse_list();
  ExpressionPtr parse_mapping();
  ExpressionPtr parse_postfix(ExpressionPtr node);
  ExpressionPtr parse_postfix_filters(ExpressionPtr node);
  ExpressionPtr parse_attribute(ExpressionPtr node);
  ExpressionPtr parse_subscript(ExpressionPtr node);
  ExpressionPtr parse_call(ExpressionPtr node);
  ExpressionPtr parse_filter(ExpressionPtr node);
  ExpressionPtr parse_test(ExpressionPtr node);
  void parse_arguments(Expression& call);
  bool tuple_ends() const;

  ExpressionPtr make(ExpressionKind kind) const;
  void add_child(Expression& parent, ExpressionPtr child) const;
  template <class... Children>
  ExpressionPtr node(ExpressionKind kind, std::string name, Children... children) const;
};

}  // namespace reckon::policy::jinja
