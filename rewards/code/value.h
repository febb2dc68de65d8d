#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::rewards::code {

/// A plain value of Python.
struct Value {
  enum class Kind : uint8_t {
    none,
    boolean,
    integer,
    real,
    complex,
    text,
    bytes,
    list,
    tuple,
    set,
    dict
  };
  Kind kind = Kind::none;
  std::string text = {};          ///< digits of an integer, a text, bytes in hexadecimal
  double real = 0.0;              ///< of `real` and `complex`; 1 for true
  double imaginary = 0.0;         ///< of `complex`
  std::vector<Value> items = {};  ///< of lists, tuples and sets; key, value, key, value of a dict
};

/// Largest value that is read.
struct ValueLimits {
  static constexpr size_t kBytes = size_t{1} << 20;
  static constexpr size_t kDepth = 64;
  static constexpr size_t kNodes = 100'000;
  static constexpr size_t kDigits = 4096;
};

/// A JSON text as a tree that keeps integers as they are written.
struct JsonTree {
  enum class Kind : uint8_t { null, boolean, integer, real, text, list, object };
  Kind kind = Kind::null;
  std::string text = {};  ///< digits of an integer, a text
  double real = 0.0;
  std::vector<JsonTree> items = {};
  std::vector<std::string> keys = {};  ///< of an object, in order

  /// The member of an object; null if there is none.
  const JsonTree* find(std::string_view key) const;
};

/// Reads JSON from an untrusted source, without recursion. Nothing if it is no JSON, nests deeper
/// than three times ValueLimits::kDepth, has longer integers than allowed, or more than
/// `most_nodes` values. Never throws on content.
std::optional<JsonTree> read_tree(std::string_view json, size_t most_nodes = ValueLimits::kNodes);

/// The value that the runners' form of JSON stands for (rewards/code/runner/values.py); nothing if
/// it stands for none.
std::optional<Value> unpack_value(const JsonTree& tree);

/// The value that plain JSON stands for: objects are dicts with text keys.
Value plain_value(const JsonTree& tree);

/// The source text of `value` in Python, in ASCII.
std::string python_text(const Value& value);

}  // namespace reckon::rewards::code
