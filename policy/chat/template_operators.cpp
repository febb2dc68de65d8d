#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "policy/chat/evaluator.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {
namespace {

[[noreturn]] void fail_too_large(const CallSite& site) {
  fail(ErrorCode::invalid_argument,
       "expected numbers of 64 bits, got a larger one, in the chat template, line {}", site.line);
}

std::int64_t integer_power(const CallSite& site, std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) fail_too_large(site);
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base)) fail_too_large(site);
  }
  return result;
}

std::int64_t floor_divide(std::int64_t left, std::int64_t right) {
  const std::int64_t quotient = left / right;
  return quotient - (left % right != 0 && (left < 0) != (right < 0) ? 1 : 0);
}

Value calculate_integers(const CallSite& site, std::int64_t left, std::int64_t right) {
  const std::string_view sign = site.name;
  std::int64_t result = 0;
  bool overflow = false;
  if (sign == "+") {
    overflow = __builtin_add_overflow(left, right, &result);
  } else if (sign == "-") {
    overflow = __builtin_sub_overflow(left, right, &result);
  } else if (sign == "*") {
    overflow = __builtin_mul_overflow(left, right, &result);
  } else if (sign == "/") {
    return static_cast<double>(left) / static_cast<double>(right);
  } else if (sign == "**") {
    if (right < 0) return std::pow(static_cast<double>(left), static_cast<double>(right));
    return integer_power(site, left, right);
  } else if (left == INT64_MIN && right == -1) {
    overflow = true;
  } else {
    result = floor_divide(left, right);
    if (sign == "%") result = left - result * right;
  }
  if (overflow) fail_too_large(site);
  return result;
}

Value calculate_floats(const CallSite& site, double left, double right) {
  const std::string_view sign = site.name;
  if (sign == "+") return left + right;
  if (sign == "-") return left - right;
  if (sign == "*") return left * right;
  if (sign == "/") return left / right;
  if (sign == "//") return std::floor(left / right);
  if (sign == "**") return std::pow(left, right);
  const double rest = std::fmod(left, right);
  return rest != 0.0 && (rest < 0.0) != (right < 0.0) ? rest + right : rest;
}

Value join_sequences(const CallSite& site, const Value& left, const Value& right) {
  Items items = site.items(left);
  const Items more = site.items(right);
  items.insert(items.end(), more.begin(), more.end());
  return left.is_tuple() ? Value::tuple(std::move(items)) : Value::list(std::move(items));
}

Value repeat(const CallSite& site, const Value& value, std::int64_t count) {
  const auto times = static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, 1 << 30));
  if (value.is_string()) {
    site.budget.reserve(value.text().size() * times);
    std::string text;
    text.reserve(value.text().size() * times);
    for (std::size_t i = 0; i < times && !value.text().empty(); ++i) text += value.text();
    return text;
  }
  site.budget.reserve(value.items().size() * times * sizeof(Value));
  Items items;
  for (std::size_t i = 0; i < times && !value.items().empty(); ++i) {
    items.insert(items.end(), value.items().begin(), value.items().end());
  }
  return value.is_tuple() ? Value::tuple(std::move(items)) : Value::list(std::move(items));
}

}  // namespace

Value calculate(const CallSite& site, const Value& left, const Value& right) {
  const std::string_view sign = site.name;
  if (left.is_number() && right.is_number()) {
    const bool divides = sign == "/" || sign == "//" || sign == "%";
    check(!divides || right.number() != 0.0, ErrorCode::invalid_argument,
          "expected a divisor that is not 0, got 0, in the chat template, line {}", site.line);
    const auto a = left.integer(), b = right.integer();
    if (a && b) return calculate_integers(site, *a, *b);
    return calculate_floats(site, left.number(), right.number());
  }
  if (sign == "+" && left.is_string() && right.is_string()) {
    site.budget.reserve(left.text().size() + right.text().size());
    return left.text() + right.text();
  }
  if (sign == "+" && left.is_sequence() && right.is_sequence() &&
      left.is_tuple() == right.is_tuple()) {
    return join_sequences(site, left, right);
  }
  const auto is_series = [](const Value& value) {
    return value.is_string() || value.is_sequence();
  };
  if (sign == "*" && is_series(left) && right.integer())
    return repeat(site, left, *right.integer());
  if (sign == "*" && is_series(right) && left.integer())
    return repeat(site, right, *left.integer());
  fail(ErrorCode::invalid_argument,
       "expected values that `{}` can join, got {} and {}, in the chat template, line {}", sign,
       left.type_name(), right.type_name(), site.line);
}

namespace {

// The places that a slice of `count` items takes, in its order.
struct Places {
  std::int64_t first, end, step;

  bool has(std::int64_t place) const { return step < 0 ? place > end : place < end; }
};

Places slice_places(const CallSite& site, std::int64_t count, const Value& start, const Value& stop,
                    const Value& step) {
  const std::int64_t by = step.is_none() ? 1 : site.integer(step);
  check(by != 0, ErrorCode::invalid_argument,
        "expected a step that is not 0, got 0, in the chat template, line {}", site.line);
  const bool back = by < 0;
  const auto bound = [&](const Value& given, std::int64_t otherwise) {
    if (given.is_none()) return otherwise;
    std::int64_t place = site.integer(given);
    if (place < 0) place = std::max(place, -count - 1) + count;
    return back ? std::clamp<std::int64_t>(place, -1, count - 1)
                : std::clamp<std::int64_t>(place, 0, count);
  };
  // A longer step takes the first item only, too.
  return {bound(start, back ? count - 1 : 0), bound(stop, back ? -1 : count),
          std::clamp<std::int64_t>(by, -count - 1, count + 1)};
}

}  // namespace

Value slice(const CallSite& site, const Value& value, const Value& start, const Value& stop,
            const Value& step) {
  if (value.is_undefined()) site.fail_type("a value that is defined", value);
  if (value.is_string()) {
    const std::string& text = value.text();
    site.budget.step(1 + text.size() / 16);
    const auto begins = character_starts(text);
    const auto places =
        slice_places(site, static_cast<std::int64_t>(begins.size()) - 1, start, stop, step);
    std::string result;
    for (std::int64_t at = places.first; places.has(at); at += places.step) {
      const auto i = static_cast<std::size_t>(at);
      result.append(text, begins[i], begins[i + 1] - begins[i]);
    }
    return site.make(std::move(result));
  }
  if (!value.is_sequence()) return {};
  const Items& items = value.items();
  const auto places =
      slice_places(site, static_cast<std::int64_t>(items.size()), start, stop, step);
  Items kept;
  for (std::int64_t at = places.first; places.has(at); at += places.step) {
    site.budget.step();
    kept.push_back(items[static_cast<std::size_t>(at)]);
  }
  return value.is_tuple() ? Value::tuple(std::move(kept)) : site.make_list(std::move(kept));
}

}  // namespace reckon::policy::jinja
