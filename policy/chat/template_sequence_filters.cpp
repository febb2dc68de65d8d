#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "policy/chat/template_call.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {
namespace {

// The member of `value` that a path like `a.0.b` leads to; the value itself for an empty path.
Value follow(const CallSite& site, Value value, const Value& path) {
  if (path.is_none() || path.is_undefined()) return value;
  if (!path.is_string()) return subscript(site, value, path);
  std::string_view rest = path.text();
  for (;;) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    std::int64_t index = 0;
    const auto read = std::from_chars(part.data(), part.data() + part.size(), index);
    const bool is_index = read.ec == std::errc() && read.ptr == part.data() + part.size();
    value = subscript(site, value, is_index ? Value(index) : Value(part));
    if (part.size() == rest.size()) return value;
    rest.remove_prefix(part.size() + 1);
  }
}

// What texts are compared by where case does not matter.
Value folded(const CallSite& site, const Value& value, bool case_sensitive) {
  if (case_sensitive || !value.is_string()) return value;
  return site.make(with_case(value.text(), LetterCase::lower));
}

bool ordered(const CallSite& site, const Value& left, const Value& right) {
  site.budget.step();
  const auto result = less(left, right);
  if (!result) site.fail_type("values that have an order", left);
  return *result;
}

// Items with the keys they are ordered by.
using Keyed = std::vector<std::pair<Value, Value>>;

Keyed keyed(const CallSite& site, const Value& value, const Value& path, bool case_sensitive) {
  Keyed result;
  for (const Value& item : site.items(value)) {
    result.emplace_back(folded(site, follow(site, item, path), case_sensitive), item);
  }
  return result;
}

void sort_keyed(const CallSite& site, Keyed& items, bool reverse) {
  std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
    return reverse ? ordered(site, b.first, a.first) : ordered(site, a.first, b.first);
  });
}

Value values(const CallSite& site, Keyed items) {
  Items result;
  for (auto& item : items) result.push_back(std::move(item.second));
  return site.make_list(std::move(result));
}

Value sorted(const CallSite& site, const Value& value, const Arguments& arguments) {
  Keyed items = keyed(site, value, arguments.get(2, "attribute", None{}),
                      arguments.get(1, "case_sensitive", false).truth());
  sort_keyed(site, items, arguments.get(0, "reverse", false).truth());
  return values(site, std::move(items));
}

Value dict_sorted(const CallSite& site, const Value& value, const Arguments& arguments) {
  if (!value.is_mapping()) site.fail_type("a mapping", value);
  const bool by_value = arguments.get(1, "by", "key").text() == "value";
  Keyed items;
  for (const auto& [key, member] : value.members()) {
    items.emplace_back(
        folded(site, by_value ? member : key, arguments.get(0, "case_sensitive", false).truth()),
        Value::tuple({key, member}));
  }
  sort_keyed(site, items, arguments.get(2, "reverse", false).truth());
  return values(site, std::move(items));
}

Value extreme(const CallSite& site, const Value& value, const Arguments& arguments, bool largest) {
  Keyed items = keyed(site, value, arguments.get(1, "attribute", None{}),
                      arguments.get(0, "case_sensitive", false).truth());
  if (items.empty()) return {};
  const auto before = [&](const auto& a, const auto& b) { return ordered(site, a.first, b.first); };
  return largest ? std::max_element(items.begin(), items.end(), before)->second
                 : std::min_element(items.begin(), items.end(), before)->second;
}

Value unique(const CallSite& site, const Value& value, const Arguments& arguments) {
  Keyed kept;
  for (auto& item : keyed(site, value, arguments.get(1, "attribute", None{}),
                          arguments.get(0, "case_sensitive", false).truth())) {
    site.budget.step(kept.size());
    const bool seen = std::any_of(kept.begin(), kept.end(), [&](const auto& other) {
      return equal(other.first, item.first);
    });
    if (!seen) kept.push_back(std::move(item));
  }
  return values(site, std::move(kept));
}

Value join(const CallSite& site, const Value& value, const Arguments& arguments) {
  const std::string separator = to_text(arguments.get(0, "d", ""), site.budget);
  const Value path = arguments.get(1, "attribute", None{});
  std::string result;
  bool first = true;
  for (const Value& item : site.items(value)) {
    if (!std::exchange(first, false)) result += separator;
    result += to_text(follow(site, item, path), site.budget);
    site.budget.check_length(result.size());
  }
  return site.make(std::move(result));
}

Value sum(const CallSite& site, const Value& value, const Arguments& arguments) {
  const Value path = arguments.get(0, "attribute", None{});
  Value total = arguments.get(1, "start", 0);
  for (const Value& item : site.items(value)) {
    const Value next = follow(site, item, path);
    if (!next.is_number() || !total.is_number()) site.fail_type("numbers", next);
    const auto a = total.integer(), b = next.integer();
    std::int64_t result = 0;
    if (a && b && !__builtin_add_overflow(*a, *b, &result)) {
      total = result;
    } else {
      total = total.number() + next.number();
    }
  }
  return total;
}

Arguments without_first(const Arguments& arguments, std::size_t count) {
  Arguments rest = arguments;
  const std::size_t cut = std::min(count, rest.positional.size());
  rest.positional.erase(rest.positional.begin(),
                        rest.positional.begin() + static_cast<std::ptrdiff_t>(cut));
  return rest;
}

Value map(const CallSite& site, const Value& value, const Arguments& arguments) {
  Items result;
  const Value* path = arguments.positional.empty() ? arguments.find(0, "attribute") : nullptr;
  if (path == nullptr && arguments.positional.empty()) {
    site.fail_type("an attribute or a filter", Value());
  }
  const std::string filter = path == nullptr ? site.text(arguments.positional[0]) : "";
  check(filter != "map", ErrorCode::unsupported,
        "expected a filter of items for `map`, got `map`, in the chat template, line {}",
        site.line);
  const CallSite inner{filter, site.line, site.budget};
  for (const Value& item : site.items(value)) {
    if (path == nullptr) {
      result.push_back(apply_filter(inner, item, without_first(arguments, 1)));
    } else {
      const Value found = follow(site, item, *path);
      result.push_back(found.is_undefined() ? arguments.get(1, "default", {}) : found);
    }
  }
  return site.make_list(std::move(result));
}

// select, reject, selectattr and rejectattr.
Value selected(const CallSite& site, const Value& value, const Arguments& arguments,
               bool of_attribute, bool wanted) {
  const Value path = of_attribute ? arguments.get(0, "attribute", {}) : Value(None{});
  if (path.is_undefined()) site.fail_type("the name of an attribute", path);
  const Arguments rest = without_first(arguments, of_attribute ? 1 : 0);
  const std::string test = rest.positional.empty() ? "" : site.text(rest.positional[0]);
  const Arguments test_arguments = without_first(rest, 1);
  const CallSite inner{test, site.line, site.budget};
  Items result;
  for (const Value& item : site.items(value)) {
    const Value tested = follow(site, item, path);
    const bool holds = test.empty() ? tested.truth() : apply_test(inner, tested, test_arguments);
    if (holds == wanted) result.push_back(item);
  }
  return site.make_list(std::move(result));
}

Value reversed(const CallSite& site, const Value& value) {
  Items items = site.items(value);
  std::reverse(items.begin(), items.end());
  if (!value.is_string()) return site.make_list(std::move(items));
  std::string text;
  for (const Value& item : items) text += item.text();
  return site.make(std::move(text));
}

Value member_pairs(const CallSite& site, const Value& value) {
  if (!value.is_mapping() && !value.is_undefined()) site.fail_type("a mapping", value);
  Items items;
  for (const auto& [key, member] : value.members()) items.push_back(Value::tuple({key, member}));
  site.budget.step(items.size());
  return site.make_list(std::move(items));
}

}  // namespace

std::optional<Value> apply_sequence_filter(const CallSite& site, const Value& value,
                                           const Arguments& arguments) {
  const std::string_view name = site.name;
  if (name == "join") return join(site, value, arguments);
  if (name == "first" || name == "last") {
    if (value.is_sequence() && value.items().empty()) return Value();
    if (value.is_sequence()) return name == "first" ? value.items()[0] : value.items().back();
    const Items items = site.items(value);
    if (items.empty()) return Value();
    return name == "first" ? items.front() : items.back();
  }
  if (name == "list") return site.make_list(site.items(value));
  if (name == "items") return member_pairs(site, value);
  if (name == "map") return map(site, value, arguments);
  if (name == "select") return selected(site, value, arguments, false, true);
  if (name == "reject") return selected(site, value, arguments, false, false);
  if (name == "selectattr") return selected(site, value, arguments, true, true);
  if (name == "rejectattr") return selected(site, value, arguments, true, false);
  if (name == "reverse") return reversed(site, value);
  if (name == "sort") return sorted(site, value, arguments);
  if (name == "dictsort") return dict_sorted(site, value, arguments);
  if (name == "unique") return unique(site, value, arguments);
  if (name == "min") return extreme(site, value, arguments, false);
  if (name == "max") return extreme(site, value, arguments, true);
  if (name == "sum") return sum(site, value, arguments);
  return std::nullopt;
}

}  // namespace reckon::policy::jinja
