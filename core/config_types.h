#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace reckon {

/// The names of an enum's values in JSON. Specialize with
/// `static constexpr std::array<std::string_view, N> names{...}` for enumerators 0 ... N-1.
template <class Enum>
struct EnumNames;

/// A JSON value of any kind as a field, for what is read later by someone else. Immutable; copies
/// share it.
class JsonValue {
 public:
  /// null.
  JsonValue();
  explicit JsonValue(const nlohmann::json& value);
  const nlohmann::json& get() const { return *value_; }
  const nlohmann::json& operator*() const { return *value_; }
  const nlohmann::json* operator->() const { return value_.get(); }

 private:
  std::shared_ptr<const nlohmann::json> value_;
};

/// Names that users of other programs will try, to ours: {"rollout.n", "num_generations"}. A dot
/// stands for a nested object.
using ConfigHints = std::map<std::string, std::string, std::less<>>;

/// Collects what is wrong with a configuration, so that the user sees all of it at once. Not
/// thread-safe.
class ConfigProblems {
 public:
  /// Adds "expected EXPECTED, got GOT, in FILE POINTER".
  void add(const std::string& file, const std::string& pointer, std::string_view expected,
           std::string_view got);
  /// Adds a line as it is.
  void add(std::string line);

  bool empty() const { return lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }

  /// Throws Error(invalid_argument) with one line a problem if there are any.
  void throw_if_any() const;

 private:
  std::vector<std::string> lines_;
};

/// One field as a person sees it.
struct ConfigField {
  std::string name;           ///< nested names joined by dots, items of a list as `name[]`
  std::string type;           ///< "integer", "list of string", "number or null" ...
  std::string default_value;  ///< as JSON; "required" where there is none
  std::string bounds;         ///< "at least 2", or empty
  std::string help;
};

}  // namespace reckon
