#include <algorithm>
#include <ctime>

#include "core/error.h"
#include "policy/chat/evaluator.h"

namespace reckon::policy::jinja {

namespace {

// Each level takes about a kilobyte of the stack; a template that nests deeper is not honest.
constexpr int kMaxEvaluationDepth = 800;

bool compare(const CallSite& site, const Value& left, const Value& right) {
  const std::string_view sign = site.name;
  if (sign == "==") return equal(left, right);
  if (sign == "!=") return !equal(left, right);
  if (sign == "in") return contains(site, right, left);
  if (sign == "not in") return !contains(site, right, left);
  const bool swap = sign == ">" || sign == "<=";
  const auto result = swap ? less(right, left) : less(left, right);
  if (!result) site.fail_type("values that have an order", left.is_number() ? right : left);
  return sign == "<" || sign == ">" ? *result : !*result;
}

std::string name_of(const Expression& expression) {
  if (expression.kind == ExpressionKind::variable || expression.kind == ExpressionKind::attribute) {
    return expression.name;
  }
  return "this expression";
}

Value make_range(const CallSite& site, const Arguments& arguments) {
  if (arguments.positional.empty() || arguments.size() > 3) site.fail_type("1 to 3 numbers", {});
  const auto& given = arguments.positional;
  const bool from_zero = given.size() == 1;
  std::int64_t start = from_zero ? 0 : site.integer(given[0]);
  const std::int64_t stop = site.integer(given[from_zero ? 0 : 1]);
  const std::int64_t step = given.size() == 3 ? site.integer(given[2]) : 1;
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  check(step != 0 && std::max({std::abs(start), std::abs(stop), std::abs(step)}) < kMost,
        ErrorCode::invalid_argument,
        "expected a range of numbers below 2^40, got another, in the chat template, line {}",
        site.line);
  Items items;
  for (; step > 0 ? start < stop : start > stop; start += step) {
    site.budget.step();
    items.emplace_back(start);
  }
  return site.make_list(std::move(items));
}

// The local time as strftime writes it.
Value time_text(const CallSite& site, const std::string& format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  if (format.empty()) return Value("");
  check(format.size() <= 256, ErrorCode::invalid_argument,
        "expected a short format of the time, got {} bytes, in the chat template, line {}",
        format.size(), site.line);
  std::string text(8192, '\0');
  text.resize(std::strftime(text.data(), text.size(), format.c_str(), &parts));
  return site.make(std::move(text));
}

}  // namespace

Value Evaluator::evaluate(const Expression& expression, const ScopePtr& scope) {
  budget_.step();
  check(
      depth_ < kMaxEvaluationDepth, ErrorCode::invalid_argument,
      "expected at most {} evaluations inside each other, got more, in the chat template, line {}",
      kMaxEvaluationDepth, expression.line);
  ++depth_;
  Value value = evaluate_inner(expression, scope);
  --depth_;
  return value;
}

Value Evaluator::evaluate_inner(const Expression& expression, const ScopePtr& scope) {
  const auto& children = expression.children;
  const auto child = [&](std::size_t i) { return evaluate(*children[i], scope); };
  switch (expression.kind) {
    case ExpressionKind::literal:
      return expression.value;
    case ExpressionKind::variable:
      return look_up(expression.name, *scope);
    case ExpressionKind::list:
    case ExpressionKind::tuple:
    case ExpressionKind::mapping:
      return evaluate_collection(expression, scope);
    case ExpressionKind::attribute:
      return attribute(site("attribute", expression.line), child(0), expression.name);
    case ExpressionKind::item:
      return subscript(site("subscript", expression.line), child(0), child(1));
    case ExpressionKind::slice:
      return evaluate_slice(expression, scope);
    case ExpressionKind::call:
      return evaluate_call(expression, scope);
    case ExpressionKind::filter:
      return evaluate_filter(expression, nullptr, scope);
    case ExpressionKind::test:
      return apply_test(site(expression.name, expression.line), child(0),
                        evaluate_arguments(expression, scope));
    case ExpressionKind::logical_not:
      return !child(0).truth();
    case ExpressionKind::logical_and: {
      Value left = child(0);
      return left.truth() ? child(1) : left;
    }
    case ExpressionKind::logical_or: {
      Value left = child(0);
      return left.truth() ? left : child(1);
    }
    case ExpressionKind::comparison:
      return evaluate_comparison(expression, scope);
    case ExpressionKind::negation:
    case ExpressionKind::plus:
    case ExpressionKind::arithmetic:
      return evaluate_arithmetic(expression, scope);
    case ExpressionKind::concatenation:
      return evaluate_concatenation(expression, scope);
    case ExpressionKind::conditional:
      if (child(1).truth()) return child(0);
      return children[2] ? child(2) : Value();
  }
  return {};
}

Value Evaluator::evaluate_collection(const Expression& expression, const ScopePtr& scope) {
  const CallSite here = site("literal", expression.line);
  Items items;
  for (const auto& part : expression.children) items.push_back(evaluate(*part, scope));
  if (expression.kind == ExpressionKind::list) return here.make_list(std::move(items));
  budget_.reserve(items.size() * sizeof(Value));
  if (expression.kind == ExpressionKind::tuple) return Value::tuple(std::move(items));
  Members members;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    budget_.step(1 + members.size() / 4);
    set_member(members, items[i], items[i + 1]);
  }
  return Value::mapping(std::move(members));
}

Value Evaluator::evaluate_comparison(const Expression& expression, const ScopePtr& scope) {
  Value left = evaluate(*expression.children[0], scope);
  for (std::size_t i = 0; i < expression.keywords.size(); ++i) {
    Value right = evaluate(*expression.children[i + 1], scope);
    const CallSite here = site(expression.keywords[i], expression.line);
    budget_.step((left.text().size() + right.text().size()) / 64 + left.items().size());
    if (!compare(here, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value Evaluator::evaluate_arithmetic(const Expression& expression, const ScopePtr& scope) {
  const Value left = evaluate(*expression.children[0], scope);
  if (expression.kind == ExpressionKind::arithmetic) {
    return calculate(site(expression.name, expression.line), left,
                     evaluate(*expression.children[1], scope));
  }
  const bool minus = expression.kind == ExpressionKind::negation;
  if (!left.is_number()) site(minus ? "-" : "+", expression.line).fail_type("a number", left);
  // 0.0 - 0.0 would lose the sign of a zero.
  if (left.is_float()) return minus ? -left.number() : left.number();
  return calculate(site(minus ? "-" : "+", expression.line), 0, left);
}

Value Evaluator::evaluate_concatenation(const Expression& expression, const ScopePtr& scope) {
  std::string text;
  for (const auto& part : expression.children) {
    append(text, to_text(evaluate(*part, scope), budget_));
  }
  budget_.reserve(text.size());
  return text;
}

Value Evaluator::evaluate_slice(const Expression& expression, const ScopePtr& scope) {
  Value parts[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& part = expression.children[i];
    parts[i] = part ? evaluate(*part, scope) : Value(None{});
  }
  return slice(site("slice", expression.line), parts[0], parts[1], parts[2], parts[3]);
}

Arguments Evaluator::evaluate_arguments(const Expression& call, const ScopePtr& scope) {
  Arguments arguments;
  for (std::size_t i = 0; i < call.keywords.size(); ++i) {
    Value value = evaluate(*call.children[i + 1], scope);
    if (call.keywords[i].empty()) {
      arguments.positional.push_back(std::move(value));
    } else {
      arguments.named.emplace_back(call.keywords[i], std::move(value));
    }
  }
  return arguments;
}

Value Evaluator::evaluate_filter(const Expression& expression, const Value* block,
                                 const ScopePtr& scope) {
  const ExpressionPtr& input = expression.children[0];
  Value value;
  if (input == nullptr) {
    value = *block;
  } else if (input->kind == ExpressionKind::filter) {
    value = evaluate_filter(*input, block, scope);
  } else {
    value = evaluate(*input, scope);
  }
  return apply_filter(site(expression.name, expression.line), value,
                      evaluate_arguments(expression, scope));
}

Value Evaluator::evaluate_call(const Expression& expression, const ScopePtr& scope) {
  const Expression& callee = *expression.children[0];
  const Value function = evaluate(callee, scope);
  const Arguments arguments = evaluate_arguments(expression, scope);
  if (const auto macro = function.macro()) return call_macro(*macro, arguments, expression.line);
  if (const auto method = function.method()) {
    return call_method(site(method->name, expression.line), method->self, arguments);
  }
  check(
      function.is_function(), ErrorCode::unsupported,
      "expected a function that this program knows, got {} in `{}`, in the chat template, line {}",
      function.type_name(), name_of(callee), expression.line);
  return call_function(site(function.function(), expression.line), arguments);
}

Value Evaluator::call_function(const CallSite& here, const Arguments& arguments) {
  if (here.name == "range") return make_range(here, arguments);
  if (here.name == "strftime_now")
    return time_text(here, here.text(arguments.get(0, "format", {})));
  if (here.name == "raise_exception") {
    fail(ErrorCode::invalid_argument,
         "expected a conversation that the chat template takes, got its message: {}",
         to_text(arguments.get(0, "message", {}), budget_).substr(0, 500));
  }
  Members members;
  if (!arguments.positional.empty()) members = arguments.positional[0].members();
  for (const auto& [name, value] : arguments.named) set_member(members, Value(name), value);
  budget_.reserve(members.size() * sizeof(Members::value_type));
  if (here.name == "dict") return Value::mapping(std::move(members));
  namespaces_.push_back({std::move(members)});
  return &namespaces_.back();
}

}  // namespace reckon::policy::jinja
