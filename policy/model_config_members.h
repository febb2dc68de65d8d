#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace reckon::policy {

/// Reads typed members of one JSON object of a `config.json`, with messages that name file and key.
/// The object must outlive it. A null counts as absent. Throws Error(corrupt) for wrong types.
class ConfigMembers {
 public:
  ConfigMembers(const nlohmann::json& object, std::string place);

  /// The member, or null if it is absent.
  const nlohmann::json* find(const char* key) const;

  /// A whole number in [low, high]; `fallback` where the key is absent, an error if there is none.
  int64_t integer(const char* key, int64_t low, int64_t high,
                  std::optional<int64_t> fallback = {}) const;

  /// A positive number below 1e12; absent: `fallback`, an error if there is none.
  double positive(const char* key, std::optional<double> fallback = {}) const;

  bool boolean(const char* key, bool fallback) const;

  /// One id or a list of them; empty if absent.
  std::vector<int64_t> ids(const char* key) const;

  const nlohmann::json& object() const { return object_; }
  const std::string& place() const { return place_; }

 private:
  const nlohmann::json& object_;
  std::string place_;  // a copy: callers pass names that they build on the spot
};

}  // namespace reckon::policy
