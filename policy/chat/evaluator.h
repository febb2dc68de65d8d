#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/chat/template_ast.h"
#include "policy/chat/template_call.h"

namespace reckon::policy::jinja {

/// The variables of a block and those of the blocks around it.
struct Scope {
  std::shared_ptr<Scope> parent;
  std::vector<std::pair<std::string_view, Value>> variables;
};

/// A macro with the place where it was defined.
struct Macro {
  const Statement* definition;
  std::weak_ptr<Scope> scope;
};

/// Runs one rendering of a template. All members throw Error(invalid_argument) for what the
/// template does wrong and Error(unsupported) for what this program does not know, with the line.
class Evaluator {
 public:
  /// `body` and the names of `variables` must outlive it.
  Evaluator(const Body& body, std::vector<std::pair<std::string_view, Value>> variables,
            const Limits& limits);

  /// The text of the whole template.
  std::string run();

 private:
  enum class Flow { next, break_loop, continue_loop };
  using ScopePtr = std::shared_ptr<Scope>;

  Flow run_body(const Body& body, const ScopePtr& scope, std::string& out);
  Flow run_statement(const Statement& statement, const ScopePtr& scope, std::string& out);
  Flow run_conditional(const Statement& statement, const ScopePtr& scope, std::string& out);
  void run_loop(const Statement& statement, const ScopePtr& scope, std::string& out);
  Items loop_items(const Statement& statement, const ScopePtr& scope);
  std::string run_inner(const Body& body, const ScopePtr& scope);
  void append(std::string& out, std::string_view text);

  void assign(const Target& target, std::int64_t line, const Value& value, Scope& scope);
  void set(Scope& scope, std::string_view name, Value value);
  Value look_up(std::string_view name, const Scope& scope);
  ScopePtr inner(const ScopePtr& scope);

  Value evaluate(const Expression& expression, const ScopePtr& scope);
  Value evaluate_inner(const Expression& expression, const ScopePtr& scope);
  Value evaluate_collection(const Expression& expression, const ScopePtr& scope);
  Value evaluate_comparison(const Expression& expression, const ScopePtr& scope);
  Value evaluate_arithmetic(const Expression& expression, const ScopePtr& scope);
  Value evaluate_concatenation(const Expression& expression, const ScopePtr& scope);
  Value evaluate_slice(const Expression& expression, const ScopePtr& scope);
  Value evaluate_call(const Expression& expression, const ScopePtr& scope);
  Value evaluate_filter(const Expression& expression, const Value* block, const ScopePtr& scope);
  Arguments evaluate_arguments(const Expression& call, const ScopePtr& scope);

  Value call_macro(const Macro& macro, const Arguments& arguments, std::int64_t line);
  Value call_function(const CallSite& site, const Arguments& arguments);

  CallSite site(std::string_view name, std::int64_t line) { return {name, line, budget_}; }

  const Body& body_;
  ScopePtr root_;
  Budget budget_;
  std::deque<Namespace> namespaces_;
  int depth_ = 0;  // of evaluations inside each other
  int macro_depth_ = 0;
};

/// `left sign right` with Python's meaning of + - * / // % **.
Value calculate(const CallSite& site, const Value& left, const Value& right);

/// `value[start:stop:step]`; parts that are none are not given.
Value slice(const CallSite& site, const Value& value, const Value& start, const Value& stop,
            const Value& step);

}  // namespace reckon::policy::jinja
