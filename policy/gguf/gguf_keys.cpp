#include "policy/gguf/gguf_keys.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace reckon::policy {
namespace {

std::optional<std::int64_t> whole_number(const GgufValue& value) {
  if (const auto* positive = std::get_if<std::uint64_t>(&value)) {
    if (*positive > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
    return static_cast<std::int64_t>(*positive);
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return {};
}

// A number written in float32 is meant in decimals: 1e-05, not 9.999999747e-06.
double decimal(double value) {
  const auto narrow = static_cast<float>(value);
  if (double{narrow} != value) return value;
  const std::string text = fmt::format("{}", narrow);
  double number = value;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::optional<std::int64_t> GgufKeys::integer(const std::string& key, std::int64_t low,
                                              std::int64_t high) const {
  const GgufValue* value = file_.find(key);
  if (value == nullptr) return {};
  const std::optional<std::int64_t> number = whole_number(*value);
  check(number.has_value(), ErrorCode::corrupt,
        "expected a whole number from {} to {}, got another value, in {}", low, high, place(key));
  check(*number >= low && *number <= high, ErrorCode::corrupt,
        "expected a whole number from {} to {}, got {}, in {}", low, high, *number, place(key));
  return number;
}

std::int64_t GgufKeys::required_integer(const std::string& key, std::int64_t low,
                                        std::int64_t high) const {
  const std::optional<std::int64_t> number = integer(key, low, high);
  check(number.has_value(), ErrorCode::corrupt, "expected a whole number, got no such key, in {}",
        place(key));
  return *number;
}

std::optional<double> GgufKeys::number(const std::string& key) const {
  const GgufValue* value = file_.find(key);
  if (value == nullptr) return {};
  std::optional<double> number;
  if (const auto* real = std::get_if<double>(value)) number = decimal(*real);
  if (const auto whole = whole_number(*value)) number = static_cast<double>(*whole);
  check(number && std::isfinite(*number), ErrorCode::corrupt,
        "expected a finite number, got another value, in {}", place(key));
  return number;
}

double GgufKeys::positive(const std::string& key, double fallback) const {
  const double value = number(key).value_or(fallback);
  check(value > 0, ErrorCode::corrupt, "expected a positive number, got {}, in {}", value,
        place(key));
  return value;
}

std::optional<bool> GgufKeys::boolean(const std::string& key) const {
  const GgufValue* value = file_.find(key);
  if (value == nullptr) return {};
  const bool* flag = std::get_if<bool>(value);
  check(flag != nullptr, ErrorCode::corrupt, "expected true or false, got another value, in {}",
        place(key));
  return *flag;
}

std::optional<std::string_view> GgufKeys::text(const std::string& key) const {
  const GgufValue* value = file_.find(key);
  if (value == nullptr) return {};
  const auto* text = std::get_if<std::string_view>(value);
  check(text != nullptr, ErrorCode::corrupt, "expected a text, got another value, in {}",
        place(key));
  return *text;
}

const std::vector<std::string_view>* GgufKeys::texts(const std::string& key) const {
  const GgufValue* value = file_.find(key);
  if (value == nullptr) return nullptr;
  const auto* array = std::get_if<GgufArray>(value);
  check(array != nullptr && array->item_type == GgufType::string, ErrorCode::corrupt,
        "expected a list of texts, got another value, in {}", place(key));
  return &array->texts;
}

std::optional<std::vector<std::int64_t>> GgufKeys::integers(const std::string& key) const {
  const GgufValue* value = file_.find(key);
  if (value == nullptr) return {};
  const auto* array = std::get_if<GgufArray>(value);
  check(array != nullptr && !array->numbers.empty() == (array->size > 0), ErrorCode::corrupt,
        "expected a list of whole numbers, got another value, in {}", place(key));
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < array->size; ++i) {
    const std::optional<std::int64_t> number = whole_number(array->number(i));
    check(number.has_value(), ErrorCode::corrupt,
          "expected a list of whole numbers, got another value, in {}", place(key));
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace reckon::policy
