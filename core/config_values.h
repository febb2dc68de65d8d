#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/config_bounds.h"
#include "core/config_types.h"

/// What the visitors of core/config_visitors.h call. All that touches JSON is in config_values.cpp,
/// so that headers need no more than JSON's name.
namespace reckon::config_detail {

/// Where a value stands, and where its problems go.
struct Place {
  std::string pointer;
  const std::string& file;
  const ConfigHints& hints;
  ConfigProblems& problems;

  Place child(std::string_view key) const;
  Place child(size_t index) const;
  void report(std::string_view expected, const nlohmann::json& got) const;
};

/// The keys of one object: which were asked for, which are left over.
class ObjectReader {
 public:
  ObjectReader(const nlohmann::json& object, Place place);
  /// The member `name`, or nothing where the default holds.
  const nlohmann::json* find(const char* name, const Bounds& bounds);
  const Place& place() const { return place_; }
  /// Reports the keys that nobody asked for.
  void report_unknown() const;

 private:
  const nlohmann::json* object_;  // null if it is no object
  Place place_;
  std::vector<std::string_view> known_;
};

void read_value(const nlohmann::json& value, bool& out, const Place& place, const Bounds& bounds);
void read_value(const nlohmann::json& value, int& out, const Place& place, const Bounds& bounds);
void read_value(const nlohmann::json& value, int64_t& out, const Place& place,
                const Bounds& bounds);
void read_value(const nlohmann::json& value, uint32_t& out, const Place& place,
                const Bounds& bounds);
void read_value(const nlohmann::json& value, uint64_t& out, const Place& place,
                const Bounds& bounds);
void read_value(const nlohmann::json& value, double& out, const Place& place, const Bounds& bounds);
void read_value(const nlohmann::json& value, std::string& out, const Place& place,
                const Bounds& bounds);
void read_value(const nlohmann::json& value, JsonValue& out, const Place& place,
                const Bounds& bounds);
bool is_null(const nlohmann::json& value);
/// Number of items; nothing, and a report, if it is no list.
std::optional<size_t> list_size(const nlohmann::json& value, const Place& place);
const nlohmann::json& list_item(const nlohmann::json& value, size_t index);
/// Index of the name in the list; nothing, and a report, if there is none such.
std::optional<size_t> read_name(const nlohmann::json& value, const std::string_view* names,
                                size_t num_names, const Place& place);

std::string names_text(const std::string_view* names, size_t num_names);

void write_value(nlohmann::json& slot, bool value);
void write_value(nlohmann::json& slot, int value);
void write_value(nlohmann::json& slot, int64_t value);
void write_value(nlohmann::json& slot, uint32_t value);
void write_value(nlohmann::json& slot, uint64_t value);
void write_value(nlohmann::json& slot, double value);
void write_value(nlohmann::json& slot, const std::string& value);
void write_value(nlohmann::json& slot, const JsonValue& value);
void write_null(nlohmann::json& slot);
void write_name(nlohmann::json& slot, std::string_view name);
void make_object(nlohmann::json& slot);
void make_list(nlohmann::json& slot);
nlohmann::json& add_member(nlohmann::json& object, const char* name);
nlohmann::json& add_item(nlohmann::json& list);

/// A JSON value that can be made where only its name is known.
class Slot {
 public:
  Slot();
  ~Slot();
  nlohmann::json& value() { return *value_; }
  std::string text() const;

 private:
  std::unique_ptr<nlohmann::json> value_;
};

struct AnyVisitor {
  template <class C, class F>
  void operator()(F C::*, const char*, const char*, const Bounds& = {}) {}
};

template <class T>
concept ConfigStruct = requires(AnyVisitor& visitor) {
  T::visit(visitor);
};
template <class T>
concept ConfigEnum = std::is_enum_v<T>;

// What an optional value or a list is made of.
template <class T>
struct ElementOf {
  using type = void;
};
template <class T>
struct ElementOf<std::optional<T>> {
  using type = T;
};
template <class T>
struct ElementOf<std::vector<T>> {
  using type = T;
};
template <class T>
using Element = typename ElementOf<T>::type;

}  // namespace reckon::config_detail
