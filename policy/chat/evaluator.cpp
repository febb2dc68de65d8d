#include "policy/chat/evaluator.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::policy::jinja {

namespace {

constexpr int kMaxMacroDepth = 40;

}  // namespace

Evaluator::Evaluator(const Body& body, std::vector<std::pair<std::string_view, Value>> variables,
                     const Limits& limits)
    : body_(body), root_(std::make_shared<Scope>()), budget_(limits) {
  for (const char* name : {"range", "namespace", "dict", "raise_exception", "strftime_now"}) {
    root_->variables.emplace_back(name, Function{name});
  }
  for (auto& [name, value] : variables) set(*root_, name, std::move(value));
}

std::string Evaluator::run() {
  std::string out;
  run_body(body_, inner(root_), out);
  return out;
}

Evaluator::Flow Evaluator::run_body(const Body& body, const ScopePtr& scope, std::string& out) {
  for (const Statement& statement : body) {
    budget_.step();
    const Flow flow = run_statement(statement, scope, out);
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

void Evaluator::append(std::string& out, std::string_view text) {
  budget_.check_length(out.size() + text.size());
  out += text;
}

std::string Evaluator::run_inner(const Body& body, const ScopePtr& scope) {
  std::string text;
  run_body(body, inner(scope), text);
  budget_.reserve(text.size());
  return text;
}

Evaluator::Flow Evaluator::run_statement(const Statement& statement, const ScopePtr& scope,
                                         std::string& out) {
  switch (statement.kind) {
    case StatementKind::data:
      append(out, statement.text);
      return Flow::next;
    case StatementKind::output:
      append(out, to_text(evaluate(*statement.expression, scope), budget_));
      return Flow::next;
    case StatementKind::conditional:
      return run_conditional(statement, scope, out);
    case StatementKind::loop:
      run_loop(statement, scope, out);
      return Flow::next;
    case StatementKind::assign:
      assign(statement.target, statement.line, evaluate(*statement.expression, scope), *scope);
      return Flow::next;
    case StatementKind::assign_block:
    case StatementKind::filter_block: {
      Value text = run_inner(statement.body, scope);
      if (statement.expression) text = evaluate_filter(*statement.expression, &text, scope);
      if (statement.kind == StatementKind::filter_block) {
        append(out, to_text(text, budget_));
      } else {
        assign(statement.target, statement.line, text, *scope);
      }
      return Flow::next;
    }
    case StatementKind::macro:
      set(*scope, statement.text, std::make_shared<const Macro>(Macro{&statement, scope}));
      return Flow::next;
    case StatementKind::block:
      append(out, run_inner(statement.body, scope));
      return Flow::next;
    case StatementKind::break_loop:
      return Flow::break_loop;
    case StatementKind::continue_loop:
      return Flow::continue_loop;
  }
  return Flow::next;
}

Evaluator::Flow Evaluator::run_conditional(const Statement& statement, const ScopePtr& scope,
                                           std::string& out) {
  for (const Branch& branch : statement.branches) {
    budget_.step();
    if (branch.condition && !evaluate(*branch.condition, scope).truth()) continue;
    return run_body(branch.body, scope, out);
  }
  return Flow::next;
}

Items Evaluator::loop_items(const Statement& statement, const ScopePtr& scope) {
  const Items all = site("for", statement.line).items(evaluate(*statement.expression, scope));
  if (!statement.filter) return all;
  Items kept;
  for (const Value& item : all) {
    const ScopePtr own = inner(scope);
    assign(statement.target, statement.line, item, *own);
    if (evaluate(*statement.filter, own).truth()) kept.push_back(item);
  }
  return kept;
}

void Evaluator::run_loop(const Statement& statement, const ScopePtr& scope, std::string& out) {
  const auto loop = std::make_shared<Loop>();
  loop->items = loop_items(statement, scope);
  loop->value_depth = depth_around(loop->items);
  for (; loop->index < loop->items.size(); ++loop->index) {
    budget_.step();
    const ScopePtr own = inner(scope);
    set(*own, "loop", std::shared_ptr<const Loop>(loop));
    assign(statement.target, statement.line, loop->items[loop->index], *own);
    if (run_body(statement.body, own, out) == Flow::break_loop) break;
  }
  if (loop->items.empty()) run_body(statement.otherwise, inner(scope), out);
}

void Evaluator::assign(const Target& target, std::int64_t line, const Value& value, Scope& scope) {
  if (!target.attribute.empty()) {
    Namespace* space = look_up(target.names[0], scope).name_space();
    check(space != nullptr, ErrorCode::invalid_argument,
          "expected a namespace, got another value in `{}`, in the chat template, line {}",
          target.names[0], line);
    budget_.step(1 + space->members.size() / 16);
    // Namespaces are references and could be nested without end, which nothing needs.
    set_member(space->members, Value(target.attribute), value);
    return;
  }
  if (!target.unpack) return set(scope, target.names[0], value);
  const Items items = site("unpacking", line).items(value);
  check(items.size() == target.names.size(), ErrorCode::invalid_argument,
        "expected {} values to unpack, got {}, in the chat template, line {}", target.names.size(),
        items.size(), line);
  for (std::size_t i = 0; i < items.size(); ++i) set(scope, target.names[i], items[i]);
}

void Evaluator::set(Scope& scope, std::string_view name, Value value) {
  budget_.step(1 + scope.variables.size() / 16);
  for (auto& variable : scope.variables) {
    if (variable.first == name) {
      variable.second = std::move(value);
      return;
    }
  }
  scope.variables.emplace_back(name, std::move(value));
}

Value Evaluator::look_up(std::string_view name, const Scope& scope) {
  for (const Scope* at = &scope; at != nullptr; at = at->parent.get()) {
    budget_.step(at->variables.size() / 16);
    for (const auto& variable : at->variables) {
      if (variable.first == name) return variable.second;
    }
  }
  return {};
}

Evaluator::ScopePtr Evaluator::inner(const ScopePtr& scope) {
  auto made = std::make_shared<Scope>();
  made->parent = scope;
  return made;
}

Value Evaluator::call_macro(const Macro& macro, const Arguments& arguments, std::int64_t line) {
  const Statement& definition = *macro.definition;
  check(macro_depth_ < kMaxMacroDepth, ErrorCode::invalid_argument,
        "expected at most {} macros inside each other, got more, in the chat template, line {}",
        kMaxMacroDepth, line);
  check(arguments.positional.size() <= definition.parameters.size(), ErrorCode::invalid_argument,
        "expected at most {} arguments of `{}`, got {}, in the chat template, line {}",
        definition.parameters.size(), definition.text, arguments.positional.size(), line);
  ++macro_depth_;
  // The scope of a macro from a block that is over is gone; its names are then looked up outside.
  const ScopePtr around = macro.scope.lock();
  const ScopePtr own = inner(around ? around : root_);
  for (const auto& [name, value] : arguments.named) {
    check(std::any_of(definition.parameters.begin(), definition.parameters.end(),
                      [&](const Parameter& parameter) { return parameter.name == name; }),
          ErrorCode::invalid_argument,
          "expected a parameter of `{}`, got `{}`, in the chat template, line {}", definition.text,
          name, line);
  }
  for (std::size_t i = 0; i < definition.parameters.size(); ++i) {
    const Parameter& parameter = definition.parameters[i];
    const Value* given = arguments.find(i, parameter.name);
    if (given != nullptr) {
      set(*own, parameter.name, *given);
    } else {
      set(*own, parameter.name,
          parameter.default_value ? evaluate(*parameter.default_value, own) : Value());
    }
  }
  Value text = run_inner(definition.body, own);
  --macro_depth_;
  return text;
}

}  // namespace reckon::policy::jinja
