#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/config_bounds.h"
#include "core/config_types.h"
#include "core/config_visitors.h"

/// Configuration structs that describe themselves. Such a struct is plain data with defaults and
/// lists its fields once:
///
///     struct GrpoConfig {
///       int64_t num_generations = 8;
///       template <class V>
///       static void visit(V& v) {
///         v(&GrpoConfig::num_generations, "num_generations", "completions per prompt",
///           at_least(2));
///       }
///     };
///
/// The bounds may be left out. A struct with a base lists the base's fields by `Base::visit(v)`.
/// Field types: bool, int, int64_t, uint32_t, uint64_t, double, std::string, enums with
/// `EnumNames`, other such structs, `JsonValue`, and std::optional and std::vector of these.
/// Everything here is thread-safe.
namespace reckon {

/// Reads a `T` from a JSON object; keys that are absent keep their defaults. Unknown keys, wrong
/// types and values out of bounds go to `problems`, and the fields keep their defaults. `pointer`
/// and `file` say where `object` stands.
template <class T>
T read_config(const nlohmann::json& object, const std::string& pointer, const std::string& file,
              const ConfigHints& hints, ConfigProblems& problems) {
  T config{};
  config_detail::read_value(object, config, config_detail::Place{pointer, file, hints, problems},
                            Bounds{});
  return config;
}

/// The same, but throws one Error(invalid_argument) that lists all problems.
template <class T>
T read_config(const nlohmann::json& object, const std::string& pointer, const std::string& file,
              const ConfigHints& hints = {}) {
  ConfigProblems problems;
  T config = read_config<T>(object, pointer, file, hints, problems);
  problems.throw_if_any();
  return config;
}

/// All fields of `config`, defaults included. The caller includes <nlohmann/json.hpp>.
template <class T, class Json = nlohmann::json>
Json write_config(const T& config) {
  Json object;
  config_detail::write_value(object, config);
  return object;
}

/// The fields of `T` in the order of `visit`, nested structs flattened.
template <class T>
std::vector<ConfigField> describe_config() {
  const T defaults{};
  std::vector<ConfigField> fields;
  config_detail::Describer<T> describer{defaults, "", fields};
  T::visit(describer);
  return fields;
}

/// Aligned text for a terminal, one field a line.
std::string config_help(const std::vector<ConfigField>& fields);

/// A Markdown table.
std::string config_markdown(const std::vector<ConfigField>& fields);

/// Carries out `a.b.c=value` on a JSON document. The value is JSON, or else a string. A part of the
/// path that meets a list selects an item by its number or by its member "name"; objects that are
/// missing on the way are made. Throws Error(invalid_argument) that says what exists.
void apply_override(nlohmann::json& document, const std::string& assignment);

}  // namespace reckon
