#include <cmath>

#include "core/error.h"
#include "policy/chat/template_call.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {
namespace {

bool is_callable(const Value& value) {
  return value.is_function() || value.macro() != nullptr || value.method() != nullptr;
}

std::optional<bool> test_type(std::string_view name, const Value& value) {
  if (name == "defined") return !value.is_undefined();
  if (name == "undefined") return value.is_undefined();
  if (name == "none") return value.is_none();
  if (name == "string") return value.is_string();
  if (name == "mapping") return value.is_mapping();
  if (name == "number") return value.is_number();
  if (name == "integer") return value.is_integer();
  if (name == "float") return value.is_float();
  if (name == "boolean") return value.is_bool();
  if (name == "true") return value.is_bool() && value.truth();
  if (name == "false") return value.is_bool() && !value.truth();
  if (name == "callable") return is_callable(value);
  const bool holds_items =
      value.is_string() || value.is_sequence() || value.is_mapping() || value.is_undefined();
  if (name == "iterable") return holds_items || value.loop() != nullptr;
  if (name == "sequence") return holds_items;
  return std::nullopt;
}

bool order_test(const CallSite& site, const Value& value, const Value& other,
                std::string_view name) {
  const bool swap = name == "gt" || name == "le";
  const auto result = swap ? less(other, value) : less(value, other);
  if (!result) site.fail_type("values that have an order", value);
  return name == "lt" || name == "gt" ? *result : !*result;
}

std::string_view plain_name(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
      {"equalto", "eq"}, {"==", "eq"}, {"!=", "ne"},          {"lessthan", "lt"}, {"<", "lt"},
      {"<=", "le"},      {">", "gt"},  {"greaterthan", "gt"}, {">=", "ge"}};
  for (const auto& [alias, plain] : kAliases) {
    if (alias == name) return plain;
  }
  return name;
}

std::optional<bool> test_number(const CallSite& site, std::string_view name, const Value& value,
                                const Arguments& arguments) {
  if (name != "odd" && name != "even" && name != "divisibleby") return std::nullopt;
  const std::int64_t number = site.integer(value);
  if (name == "odd") return number % 2 != 0;
  if (name == "even") return number % 2 == 0;
  const std::int64_t divisor = site.integer(arguments.get(0, "num", {}));
  check(divisor != 0, ErrorCode::invalid_argument,
        "expected a divisor that is not 0, got 0, in the chat template, line {}", site.line);
  return divisor == -1 || number % divisor == 0;
}

}  // namespace

bool apply_test(const CallSite& site, const Value& value, const Arguments& arguments) {
  site.budget.step();
  const std::string_view name = plain_name(site.name);
  if (const auto result = test_type(name, value)) return *result;
  if (const auto result = test_number(site, name, value, arguments)) return *result;
  const Value other = arguments.get(0, "other", {});
  if (name == "eq" || name == "sameas") return equal(value, other);
  if (name == "ne") return !equal(value, other);
  if (name == "lt" || name == "le" || name == "gt" || name == "ge") {
    return order_test(site, value, other, name);
  }
  if (name == "in") return contains(site, other, value);
  if (name == "lower" || name == "upper") {
    const std::string text = to_text(value, site.budget);
    const auto changed = with_case(text, name == "lower" ? LetterCase::upper : LetterCase::lower);
    return with_case(text, name == "lower" ? LetterCase::lower : LetterCase::upper) == text &&
           changed != text;
  }
  fail(ErrorCode::unsupported,
       "expected a test that this program knows, got `{}`, in the chat template, line {}",
       site.name, site.line);
}

}  // namespace reckon::policy::jinja
