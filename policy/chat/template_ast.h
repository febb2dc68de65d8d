#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy/chat/value.h"

namespace reckon::policy::jinja {

enum class ExpressionKind {
  literal,        // value
  variable,       // name
  list,           // children
  tuple,          // children
  mapping,        // children: key, value, key, value ...
  attribute,      // child 0 . name
  item,           // child 0 [ child 1 ]
  slice,          // child 0 [ child 1 : child 2 : child 3 ], absent ones null
  call,           // child 0 ( children 1 ... ), keywords parallel to these
  filter,         // child 0 | name ( children 1 ... ); child 0 is null in a filter block
  test,           // child 0 is name ( children 1 ... )
  negation,       // - child 0
  plus,           // + child 0
  logical_not,    // not child 0
  logical_and,    // child 0 and child 1
  logical_or,     // child 0 or child 1
  comparison,     // child 0 keywords[0] child 1 keywords[1] child 2 ...
  arithmetic,     // child 0 name child 1
  concatenation,  // children joined as text
  conditional,    // child 0 if child 1 else child 2, which may be null
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  ExpressionKind kind = ExpressionKind::literal;
  std::int64_t line = 0;
  int depth = 1;  // levels of the tree from here down
  std::string name;
  Value value;
  std::vector<ExpressionPtr> children;
  std::vector<std::string> keywords;  // of arguments, "" for positional ones; comparison signs
};

/// What `set` and `for` assign to: one name, names that a sequence is unpacked into, or the
/// variable `attribute` of the namespace of that name.
struct Target {
  std::vector<std::string> names;
  bool unpack = false;
  std::string attribute;
};

enum class StatementKind {
  data,          // text
  output,        // expression
  conditional,   // branches
  loop,          // for target in expression [if filter] body [else otherwise]
  assign,        // set target = expression
  assign_block,  // set target [| filters of expression] body
  macro,         // name, parameters with their defaults, body
  block,         // body in a scope of its own: generation
  filter_block,  // body through the filters of expression
  break_loop,
  continue_loop,
};

struct Statement;
using Body = std::vector<Statement>;

/// `if` or `elif` with its body; the one of `else` has no condition.
struct Branch {
  ExpressionPtr condition;
  Body body;
};

struct Parameter {
  std::string name;
  ExpressionPtr default_value;  // null: undefined
};

struct Statement {
  StatementKind kind = StatementKind::data;
  std::int64_t line = 0;
  std::string text;  // data; name of the macro
  ExpressionPtr expression;
  ExpressionPtr filter;
  Target target;
  Body body, otherwise;
  std::vector<Branch> branches;
  std::vector<Parameter> parameters;
};

}  // namespace reckon::policy::jinja
