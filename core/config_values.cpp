#include "core/config_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "core/json.h"

namespace reckon::config_detail {
namespace {

using nlohmann::json;

// Longer keys are no misspellings, and would make the table below large.
constexpr size_t kMaxComparedKey = 64;

// Levenshtein distance.
size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < left.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < right.size(); ++j) {
      const size_t replaced = diagonal + (left[i] != right[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

// The known key that `key` was probably meant to be, or nothing.
std::string_view nearest(std::string_view key, const std::vector<std::string_view>& known) {
  std::string_view best;
  if (key.size() > kMaxComparedKey) return best;
  size_t best_distance = std::max<size_t>(2, key.size() / 2) + 1;
  for (const std::string_view candidate : known) {
    const size_t distance = edit_distance(key, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

// What "a.b" of a hint leads to below `object`, if it leads to anything.
bool has_path(const json& object, std::string_view path) {
  if (!object.is_object()) return false;
  if (object.contains(path)) return true;
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) return false;
  const auto member = object.find(std::string(path.substr(0, dot)));
  return member != object.end() && has_path(*member, path.substr(dot + 1));
}

std::vector<const ConfigHints::value_type*> matching_hints(const json& object,
                                                           const std::string& key,
                                                           const ConfigHints& hints) {
  std::vector<const ConfigHints::value_type*> found;
  for (const auto& hint : hints) {
    const bool same = hint.first == key;
    const bool below = hint.first.starts_with(key + ".") && has_path(object, hint.first);
    if (same || below) found.push_back(&hint);
  }
  return found;
}

std::string with_bounds(std::string text, const Bounds& bounds) {
  const std::string limits = bounds.text();
  return limits.empty() ? text : text + " " + limits;
}

template <class Int>
std::optional<Int> to_integer(const json& value) {
  const auto narrow = [](auto wide) {
    return std::in_range<Int>(wide) ? std::optional<Int>(static_cast<Int>(wide)) : std::nullopt;
  };
  if (value.is_number_unsigned()) return narrow(value.get<uint64_t>());
  if (value.is_number_integer()) return narrow(value.get<int64_t>());
  if (!value.is_number_float()) return std::nullopt;
  const double number = value.get<double>();
  if (number != std::floor(number) || number < -0x1p63 || number >= 0x1p64) return std::nullopt;
  return number < 0 ? narrow(static_cast<int64_t>(number)) : narrow(static_cast<uint64_t>(number));
}

template <class Int>
void read_integer(const json& value, Int& out, const Place& place, const Bounds& bounds) {
  const std::optional<Int> number = to_integer<Int>(value);
  if (number && bounds.allows(static_cast<double>(*number))) {
    out = *number;
    return;
  }
  using Limits = std::numeric_limits<Int>;
  const bool whole = value.is_number() && value.get<double>() == std::floor(value.get<double>());
  const std::string range =
      whole && !number ? fmt::format(" between {} and {}", Limits::min(), Limits::max()) : "";
  place.report(range.empty() ? with_bounds("an integer", bounds) : "an integer" + range, value);
}

}  // namespace

Place Place::child(std::string_view key) const {
  return {json_pointer(pointer, key), file, hints, problems};
}

Place Place::child(size_t index) const {
  return {json_pointer(pointer, index), file, hints, problems};
}

void Place::report(std::string_view expected, const json& got) const {
  problems.add(file, pointer, expected, json_summary(got));
}

ObjectReader::ObjectReader(const json& object, Place place)
    : object_(object.is_object() ? &object : nullptr), place_(std::move(place)) {
  if (object_ == nullptr) place_.report("an object", object);
}

const json* ObjectReader::find(const char* name, const Bounds& bounds) {
  known_.emplace_back(name);
  if (object_ == nullptr) return nullptr;
  const auto member = object_->find(name);
  if (member != object_->end()) return &*member;
  if (bounds.required) {
    place_.problems.add(place_.file, place_.child(name).pointer,
                        with_bounds(fmt::format("the key `{}`", name), bounds), "nothing");
  }
  return nullptr;
}

void ObjectReader::report_unknown() const {
  if (object_ == nullptr) return;
  for (const auto& [key, value] : object_->items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string pointer = place_.child(key).pointer;
    const auto hints = matching_hints(*object_, key, place_.hints);
    for (const auto* hint : hints) {
      place_.problems.add(
          place_.file, pointer,
          fmt::format("a known key (`{}` is called `{}` here)", hint->first, hint->second),
          fmt::format("`{}`", hint->first));
    }
    if (!hints.empty()) continue;
    constexpr size_t kMaxListed = 8;
    std::string expected = "a known key";
    if (const std::string_view near = nearest(key, known_); !near.empty()) {
      expected += fmt::format(" (the nearest is `{}`)", near);
    } else if (!known_.empty() && known_.size() <= kMaxListed) {
      expected += fmt::format(" (they are `{}`)", fmt::join(known_, "`, `"));
    }
    place_.child(key).report(expected, json(key));
  }
}

void read_value(const json& value, bool& out, const Place& place, const Bounds&) {
  value.is_boolean() ? void(out = value.get<bool>()) : place.report("true or false", value);
}

void read_value(const json& value, int& out, const Place& place, const Bounds& bounds) {
  read_integer(value, out, place, bounds);
}

void read_value(const json& value, int64_t& out, const Place& place, const Bounds& bounds) {
  read_integer(value, out, place, bounds);
}

void read_value(const json& value, uint32_t& out, const Place& place, const Bounds& bounds) {
  read_integer(value, out, place, bounds);
}

void read_value(const json& value, uint64_t& out, const Place& place, const Bounds& bounds) {
  read_integer(value, out, place, bounds);
}

void read_value(const json& value, double& out, const Place& place, const Bounds& bounds) {
  const double number =
      value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (std::isfinite(number) && bounds.allows(number)) {
    out = number;
  } else {
    place.report(with_bounds("a number", bounds), value);
  }
}

void read_value(const json& value, std::string& out, const Place& place, const Bounds& bounds) {
  const auto* text = value.get_ptr<const std::string*>();
  if (text != nullptr && bounds.allows(std::string_view(*text))) {
    out = *text;
  } else {
    place.report(bounds.choices.empty() ? "a string" : bounds.text(), value);
  }
}

void read_value(const json& value, JsonValue& out, const Place&, const Bounds&) {
  out = JsonValue(value);
}

bool is_null(const json& value) { return value.is_null(); }

std::optional<size_t> list_size(const json& value, const Place& place) {
  if (value.is_array()) return value.size();
  place.report("a list", value);
  return std::nullopt;
}

const json& list_item(const json& value, size_t index) { return value[index]; }

std::optional<size_t> read_name(const json& value, const std::string_view* names, size_t num_names,
                                const Place& place) {
  if (const auto* text = value.get_ptr<const std::string*>()) {
    const auto* found = std::find(names, names + num_names, *text);
    if (found != names + num_names) return static_cast<size_t>(found - names);
  }
  place.report(names_text(names, num_names), value);
  return std::nullopt;
}

std::string names_text(const std::string_view* names, size_t num_names) {
  return fmt::format("one of: {}", fmt::join(names, names + num_names, ", "));
}

void write_value(json& slot, bool value) { slot = value; }
void write_value(json& slot, int value) { slot = value; }
void write_value(json& slot, int64_t value) { slot = value; }
void write_value(json& slot, uint32_t value) { slot = value; }
void write_value(json& slot, uint64_t value) { slot = value; }
void write_value(json& slot, double value) { slot = value; }
void write_value(json& slot, const std::string& value) { slot = value; }
void write_value(json& slot, const JsonValue& value) { slot = value.get(); }
void write_null(json& slot) { slot = nullptr; }
void write_name(json& slot, std::string_view name) { slot = name; }
void make_object(json& slot) { slot = json::object(); }
void make_list(json& slot) { slot = json::array(); }
json& add_member(json& object, const char* name) { return object[name]; }

json& add_item(json& list) {
  list.push_back(nullptr);
  return list.back();
}

Slot::Slot() : value_(std::make_unique<json>()) {}

Slot::~Slot() = default;

std::string Slot::text() const { return json_text(*value_); }

}  // namespace reckon::config_detail
