#include "rewards/code/value_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace reckon::rewards::code {

namespace {

using Kind = Value::Kind;

std::string number_text(double value) {
  // 2 ** 53 and above every double is an integer, and fmt writes all of its digits.
  if (value == std::floor(value)) return value == 0.0 ? "0" : fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

std::string with_size(std::string_view mark, std::string_view text) {
  return fmt::format("{}{}:{}", mark, text.size(), text);
}

std::vector<std::string> texts_of(const Value& value, bool tuple_as_list) {
  std::vector<std::string> texts;
  if (value.kind == Kind::dict) {
    for (size_t i = 0; i + 1 < value.items.size(); i += 2) {
      texts.push_back(canonical_text(value.items[i], tuple_as_list) + "=" +
                      canonical_text(value.items[i + 1], tuple_as_list));
    }
    return texts;
  }
  for (const Value& item : value.items) texts.push_back(canonical_text(item, tuple_as_list));
  return texts;
}

std::string container_text(const Value& value, bool tuple_as_list) {
  std::vector<std::string> texts = texts_of(value, tuple_as_list);
  const bool ordered = value.kind == Kind::list || value.kind == Kind::tuple;
  if (!ordered) {
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  }
  std::string result = value.kind == Kind::dict                    ? "{"
                       : value.kind == Kind::set                   ? "<"
                       : value.kind == Kind::list || tuple_as_list ? "["
                                                                   : "(";
  for (const std::string& text : texts) result += text + ",";
  return result + ".";
}

std::optional<double> number_of(const Value& value) {
  switch (value.kind) {
    case Kind::boolean:
    case Kind::real:
      return value.real;
    case Kind::integer:
      // An integer beyond the doubles is near to nothing.
      if (value.text.size() > 308) return std::nullopt;
      return std::stod(value.text);
    default:
      return std::nullopt;
  }
}

bool near(const Expected& expected, const Value& actual) {
  const auto wanted = number_of(expected.value);
  const auto given = number_of(actual);
  if (!wanted || !given) return false;
  const double distance = std::abs(*given - *wanted);
  return expected.strict ? distance < expected.absolute : distance <= expected.absolute;
}

bool is_close(const Expected& expected, const Value& actual) {
  const auto a = number_of(expected.value);
  const auto b = number_of(actual);
  if (!a || !b) return false;
  const double largest = std::max(std::abs(*a), std::abs(*b));
  return *a == *b || std::abs(*a - *b) <= std::max(expected.relative * largest, expected.absolute);
}

/// Python's == with a tolerance between numbers of which one is a float.
bool equal_within(const Expected& expected, const Value& wanted, const Value& given) {
  if (wanted.kind == Kind::real || given.kind == Kind::real) {
    Expected part = expected;
    part.value = wanted;
    return is_close(part, given);
  }
  const auto is_sequence = [](const Value& v) {
    return v.kind == Kind::list || v.kind == Kind::tuple;
  };
  if (!is_sequence(wanted) && wanted.kind != Kind::dict) {
    return canonical_text(wanted, expected.tuple_as_list) ==
           canonical_text(given, expected.tuple_as_list);
  }
  const bool kinds_fit = wanted.kind == given.kind ||
                         (expected.tuple_as_list && is_sequence(wanted) && is_sequence(given));
  if (!kinds_fit || wanted.items.size() != given.items.size()) return false;
  if (is_sequence(wanted)) {
    for (size_t i = 0; i < wanted.items.size(); ++i) {
      if (!equal_within(expected, wanted.items[i], given.items[i])) return false;
    }
    return true;
  }
  std::vector<std::pair<std::string, const Value*>> left;
  std::vector<std::pair<std::string, const Value*>> right;
  for (size_t i = 0; i + 1 < wanted.items.size(); i += 2) {
    left.emplace_back(canonical_text(wanted.items[i]), &wanted.items[i + 1]);
    right.emplace_back(canonical_text(given.items[i]), &given.items[i + 1]);
  }
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(left.begin(), left.end(), by_key);
  std::sort(right.begin(), right.end(), by_key);
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].first != right[i].first) return false;
    if (!equal_within(expected, *left[i].second, *right[i].second)) return false;
  }
  return true;
}

bool is_true(const Value& value) {
  switch (value.kind) {
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::real:
      return value.real != 0.0;
    case Kind::complex:
      return value.real != 0.0 || value.imaginary != 0.0;
    case Kind::integer:
      return value.text != "0";
    case Kind::text:
    case Kind::bytes:
      return !value.text.empty();
    default:
      return !value.items.empty();
  }
}

/// What iterating over `value` gives, as a list; nothing if it cannot be iterated over.
std::optional<Value> iterated(const Value& value) {
  Value list{Kind::list};
  if (value.kind == Kind::text) {
    for (size_t at = 0; at < value.text.size();) {
      size_t end = at + 1;
      while (end < value.text.size() && (value.text[end] & '\xC0') == '\x80') ++end;
      Value character{Kind::text};
      character.text = value.text.substr(at, end - at);
      list.items.push_back(std::move(character));
      at = end;
    }
    return list;
  }
  if (value.kind == Kind::dict) {
    for (size_t i = 0; i < value.items.size(); i += 2) list.items.push_back(value.items[i]);
    return list;
  }
  if (value.kind != Kind::list && value.kind != Kind::tuple && value.kind != Kind::set) {
    return std::nullopt;
  }
  list.items = value.items;
  return list;
}

bool same_items(const Expected& expected, const Value& actual) {
  const auto given = iterated(actual);
  const auto wanted = iterated(expected.value);
  if (!given || !wanted) return false;
  auto a = texts_of(*wanted, expected.tuple_as_list);
  auto b = texts_of(*given, expected.tuple_as_list);
  if (expected.rule != ValueRule::items) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
  }
  if (expected.rule == ValueRule::set) {
    a.erase(std::unique(a.begin(), a.end()), a.end());
    b.erase(std::unique(b.begin(), b.end()), b.end());
  }
  return a == b;
}

}  // namespace

std::string canonical_text(const Value& value, bool tuple_as_list) {
  switch (value.kind) {
    case Kind::none:
      return "n";
    case Kind::boolean:
    case Kind::real:
      return number_text(value.real);
    case Kind::integer:
      return value.text;
    case Kind::complex:
      if (value.imaginary == 0.0) return number_text(value.real);
      return fmt::format("j{}:{}", number_text(value.real), number_text(value.imaginary));
    case Kind::text:
      return with_size("s", value.text);
    case Kind::bytes:
      return with_size("b", value.text);
    default:
      return container_text(value, tuple_as_list);
  }
}

bool as_expected(const Expected& expected, const Value& actual) {
  switch (expected.rule) {
    case ValueRule::equal:
      if (expected.absolute > 0.0 || expected.relative > 0.0) {
        return equal_within(expected, expected.value, actual);
      }
      return canonical_text(expected.value, expected.tuple_as_list) ==
             canonical_text(actual, expected.tuple_as_list);
    case ValueRule::identical:
      return expected.value.kind == actual.kind && expected.value.real == actual.real;
    case ValueRule::truthy:
      return is_true(actual);
    case ValueRule::falsy:
      return !is_true(actual);
    case ValueRule::near:
      return near(expected, actual);
    case ValueRule::isclose:
      return is_close(expected, actual);
    case ValueRule::set:
    case ValueRule::multiset:
    case ValueRule::items:
      return same_items(expected, actual);
  }
  return false;
}

}  // namespace reckon::rewards::code
