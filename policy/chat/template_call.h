#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/chat/value.h"

namespace reckon::policy::jinja {

/// How much a template may do before it is stopped with Error(invalid_argument).
struct Limits {
  std::int64_t steps = 10'000'000;                   ///< nodes evaluated and items handled
  std::int64_t output_bytes = 64 << 20;              ///< of one text
  std::int64_t total_bytes = std::int64_t{1} << 30;  ///< of all texts and lists that are made
};

/// Counts the work of one rendering. Not thread-safe.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  /// Counts steps. Throws where there are too many.
  void step(std::size_t count = 1);
  /// Counts bytes about to be made: call it before making them.
  void reserve(std::size_t bytes);
  /// Throws if one text would be too long.
  void check_length(std::size_t bytes) const;

 private:
  Limits limits_;
  std::int64_t steps_ = 0;
  std::int64_t bytes_ = 0;
};

/// The arguments of a call.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  /// The argument at `position`, or called `name`; null if neither is given.
  const Value* find(std::size_t position, std::string_view name) const;
  /// The same, or `otherwise`.
  Value get(std::size_t position, std::string_view name, Value otherwise) const;
  std::size_t size() const { return positional.size() + named.size(); }
};

/// Where a function of the template language is called.
struct CallSite {
  std::string_view name;
  std::int64_t line;
  Budget& budget;

  /// Throws Error(invalid_argument): `expected`, got a value of that type.
  [[noreturn]] void fail_type(std::string_view expected, const Value& got) const;
  /// The text of an argument, which must be a string.
  const std::string& text(const Value& value) const;
  /// An integer argument.
  std::int64_t integer(const Value& value) const;
  /// What a loop over the value sees: items, keys of a mapping, characters; nothing if undefined.
  Items items(const Value& value) const;
  /// A text, counted.
  Value make(std::string text) const;
  /// A list, counted.
  Value make_list(Items items) const;
};

/// What `{{ value }}` writes: Python's str().
std::string to_text(const Value& value, Budget& budget);

/// Options of `tojson`: those of Python's json.dumps.
struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<std::string> indent;  ///< of one level
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};

/// The value as JSON. Throws like `CallSite::fail_type` for values JSON has no form for.
std::string to_json(const CallSite& site, const Value& value, const JsonStyle& style);

/// `value[key]` and `value.name`: a member, an item or a method, undefined if there is none. A
/// subscript prefers members, an attribute prefers methods. Throws if `value` is undefined.
Value subscript(const CallSite& site, const Value& value, const Value& key);
Value attribute(const CallSite& site, const Value& value, const std::string& name);

/// `value | name(arguments)`. Throws Error(unsupported) for a filter that is not known.
Value apply_filter(const CallSite& site, const Value& value, const Arguments& arguments);

/// The filters that work on lists; none if the name is not one of them.
std::optional<Value> apply_sequence_filter(const CallSite& site, const Value& value,
                                           const Arguments& arguments);

/// `value is name(arguments)`. Throws Error(unsupported) for a test that is not known.
bool apply_test(const CallSite& site, const Value& value, const Arguments& arguments);

/// Whether values of this type have the method.
bool has_method(const Value& value, std::string_view name);

/// Calls a method that `has_method` knows.
Value call_method(const CallSite& site, const Value& self, const Arguments& arguments);

/// Python's `value in container`.
bool contains(const CallSite& site, const Value& container, const Value& value);

}  // namespace reckon::policy::jinja
