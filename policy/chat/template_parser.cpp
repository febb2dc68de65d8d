#include "policy/chat/template_parser.h"

#include <initializer_list>

#include "core/error.h"
#include "policy/chat/expression_parser.h"

namespace reckon::policy::jinja {
namespace {

class Parser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  Body run() {
    Body body = parse_body({});
    if (peek().kind != TokenKind::end) fail_here("the end of the template");
    return body;
  }

 private:
  /// Whether a block begins with one of these names.
  bool at_block(std::initializer_list<std::string_view> names) const {
    if (peek().kind != TokenKind::block_begin) return false;
    for (const std::string_view name : names) {
      if (peek(1).is_name(name)) return true;
    }
    return false;
  }

  /// Statements up to a block with one of the names, which is left, or to the end of the template.
  Body parse_body(std::initializer_list<std::string_view> ends) {
    const Nesting nesting(*this);
    Body body;
    while (peek().kind != TokenKind::end && !at_block(ends)) body.push_back(parse_statement());
    return body;
  }

  /// A body and the block that ends it.
  Body parse_body_until(std::string_view end) {
    Body body = parse_body({end});
    end_block(end);
    return body;
  }

  /// {% end %}
  void end_block(std::string_view end) {
    if (!at_block({end})) fail_here(fmt::format("`{{% {} %}}`", end));
    next();
    next();
    close();
  }

  void close() { expect_kind(TokenKind::block_end, "`%}`"); }

  Statement make(StatementKind kind) const {
    Statement statement;
    statement.kind = kind;
    statement.line = peek().line;
    return statement;
  }

  Statement parse_statement() {
    if (peek().kind == TokenKind::data) {
      Statement data = make(StatementKind::data);
      data.text = next().text;
      return data;
    }
    if (peek().kind == TokenKind::variable_begin) {
      Statement output = make(StatementKind::output);
      next();
      output.expression = parse_tuple();
      expect_kind(TokenKind::variable_end, "`}}`");
      return output;
    }
    expect_kind(TokenKind::block_begin, "a tag");
    return parse_block();
  }

  Statement parse_block() {
    if (at_name("if")) return parse_if();
    if (at_name("for")) return parse_for();
    if (at_name("set")) return parse_set();
    if (at_name("macro")) return parse_macro();
    if (at_name("filter")) return parse_filter_block();
    if (skip_name("generation")) {
      Statement block = make(StatementKind::block);
      close();
      block.body = parse_body_until("endgeneration");
      return block;
    }
    if (at_name("break") || at_name("continue")) return parse_jump();
    fail_here("if, for, set, macro, filter, generation, break or continue");
  }

  Statement parse_if() {
    Statement statement = make(StatementKind::conditional);
    next();
    for (;;) {
      Branch branch;
      branch.condition = parse_tuple(false);
      close();
      branch.body = parse_body({"elif", "else", "endif"});
      statement.branches.push_back(std::move(branch));
      if (!at_block({"elif"})) break;
      next();
      next();
    }
    if (at_block({"else"})) {
      next();
      next();
      close();
      statement.branches.push_back({nullptr, parse_body({"endif"})});
    }
    end_block("endif");
    return statement;
  }

  Statement parse_for() {
    Statement statement = make(StatementKind::loop);
    next();
    statement.target = parse_target();
    if (!skip_name("in")) fail_here("`in`");
    statement.expression = parse_tuple(false);
    if (skip_name("if")) statement.filter = parse_expression();
    if (at_name("recursive")) fail_here("a loop that is not recursive");
    close();
    ++loops_;
    statement.body = parse_body({"else", "endfor"});
    --loops_;
    if (at_block({"else"})) {
      next();
      next();
      close();
      statement.otherwise = parse_body({"endfor"});
    }
    end_block("endfor");
    return statement;
  }

  Statement parse_jump() {
    Statement jump =
        make(at_name("break") ? StatementKind::break_loop : StatementKind::continue_loop);
    if (loops_ == 0) fail_here("a loop around it");
    next();
    close();
    return jump;
  }

  /// `a`, `a, b`, `(a, b)` or `space.a`.
  Target parse_target() {
    Target target;
    const bool bracket = skip_symbol("(");
    do {
      if (!target.names.empty() && (at_name("in") || at_symbol("=") || at_symbol(")"))) break;
      target.names.push_back(expect_name("the name of a variable"));
      if (target.names.size() > 1 || at_symbol(",")) target.unpack = true;
    } while (skip_symbol(","));
    if (bracket) expect_symbol(")");
    if (!target.unpack && skip_symbol("."))
      target.attribute = expect_name("the name of a variable");
    return target;
  }

  Statement parse_set() {
    Statement statement = make(StatementKind::assign);
    next();
    statement.target = parse_target();
    if (skip_symbol("=")) {
      statement.expression = parse_tuple();
      close();
      return statement;
    }
    statement.kind = StatementKind::assign_block;
    if (skip_symbol("|")) statement.expression = parse_filters(nullptr);
    close();
    statement.body = parse_inner_body("endset");
    return statement;
  }

  Statement parse_filter_block() {
    Statement statement = make(StatementKind::filter_block);
    next();
    statement.expression = parse_filters(nullptr);
    close();
    statement.body = parse_body_until("endfilter");
    return statement;
  }

  Statement parse_macro() {
    Statement statement = make(StatementKind::macro);
    next();
    statement.text = expect_name("the name of a macro");
    expect_symbol("(");
    while (!at_symbol(")")) {
      Parameter parameter{expect_name("the name of a parameter"), nullptr};
      if (skip_symbol("=")) parameter.default_value = parse_expression();
      statement.parameters.push_back(std::move(parameter));
      if (!at_symbol(")")) expect_symbol(",");
    }
    expect_symbol(")");
    close();
    statement.body = parse_inner_body("endmacro");
    return statement;
  }

  /// A body that no `break` can leave.
  Body parse_inner_body(std::string_view end) {
    const int outside = loops_;
    loops_ = 0;
    Body body = parse_body_until(end);
    loops_ = outside;
    return body;
  }

  int loops_ = 0;  // around the place being read
};

}  // namespace

Body parse_template(std::string_view source) { return Parser(tokenize_template(source)).run(); }

}  // namespace reckon::policy::jinja
