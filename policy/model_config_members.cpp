#include "policy/model_config_members.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::policy {

using nlohmann::json;

ConfigMembers::ConfigMembers(const json& object, std::string place)
    : object_(object), place_(std::move(place)) {
  check(object.is_object(), ErrorCode::corrupt, "expected a JSON object, got {}, in {}",
        json_summary(object), place_);
}

const json* ConfigMembers::find(const char* key) const {
  const auto it = object_.find(key);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

int64_t ConfigMembers::integer(const char* key, int64_t low, int64_t high,
                               std::optional<int64_t> fallback) const {
  const json* value = find(key);
  if (value == nullptr) {
    check(fallback.has_value(), ErrorCode::corrupt, "expected the key {}, got none, in {}", key,
          place_);
    return *fallback;
  }
  check(value->is_number_integer() && *value >= low && *value <= high, ErrorCode::corrupt,
        "expected a whole number from {} to {}, got {}, in {}/{}", low, high, json_summary(*value),
        place_, key);
  return value->get<int64_t>();
}

double ConfigMembers::positive(const char* key, std::optional<double> fallback) const {
  const json* value = find(key);
  if (value == nullptr) {
    check(fallback.has_value(), ErrorCode::corrupt, "expected the key {}, got none, in {}", key,
          place_);
    return *fallback;
  }
  check(value->is_number() && *value > 0.0 && *value < 1e12, ErrorCode::corrupt,
        "expected a positive number, got {}, in {}/{}", json_summary(*value), place_, key);
  return value->get<double>();
}

bool ConfigMembers::boolean(const char* key, bool fallback) const {
  const json* value = find(key);
  if (value == nullptr) return fallback;
  check(value->is_boolean(), ErrorCode::corrupt, "expected true or false, got {}, in {}/{}",
        json_summary(*value), place_, key);
  return value->get<bool>();
}

std::vector<int64_t> ConfigMembers::ids(const char* key) const {
  const json* value = find(key);
  if (value == nullptr) return {};
  const json list = value->is_array() ? *value : json::array({*value});
  std::vector<int64_t> result;
  for (const json& id : list) {
    check(id.is_number_integer() && id >= 0 && id <= INT32_MAX, ErrorCode::corrupt,
          "expected token ids, got {}, in {}/{}", json_summary(id), place_, key);
    result.push_back(id.get<int64_t>());
  }
  return result;
}

}  // namespace reckon::policy
