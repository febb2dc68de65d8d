#include "rewards/judge/external_answer.h"

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include <fmt/format.h>

#include "core/json.h"

namespace reckon::rewards {

namespace {

/// `line` with quotes around the words for what is not finite, outside of strings.
std::string quote_not_finite(std::string_view line) {
  std::string out;
  bool in_string = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (in_string && line[i] == '\\' && i + 1 < line.size()) {
      out += line.substr(i++, 2);
      continue;
    }
    if (line[i] == '"') in_string = !in_string;
    bool found = false;
    for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
      if (in_string || !line.substr(i).starts_with(word)) continue;
      out += '"' + std::string(word) + '"';
      i += word.size() - 1;
      found = true;
      break;
    }
    if (!found) out += line[i];
  }
  return out;
}

}  // namespace

std::optional<nlohmann::json> parse_external_line(std::string_view line) {
  auto value = nlohmann::json::parse(line, nullptr, false);
  if (value.is_discarded()) value = nlohmann::json::parse(quote_not_finite(line), nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

nlohmann::json external_answer(const nlohmann::json& reply, size_t completions) {
  const auto rewards = reply.find("rewards");
  if (rewards == reply.end() || !rewards->is_array() || rewards->size() != completions) {
    return no_external_answer(fmt::format("expected a list of {} rewards, got {}", completions,
                                          rewards == reply.end() ? "none" : json_summary(*rewards)),
                              completions);
  }
  nlohmann::json values = nlohmann::json::array(), reasons = nlohmann::json::array();
  for (const auto& reward : *rewards) {
    const bool number = reward.is_number() && std::isfinite(reward.get<double>());
    const bool truth = reward.is_boolean();
    values.push_back(number  ? nlohmann::json(reward.get<double>())
                     : truth ? nlohmann::json(reward.get<bool>() ? 1.0 : 0.0)
                             : nlohmann::json());
    reasons.push_back(number || truth    ? "scored"
                      : reward.is_null() ? "does not apply"
                                         : "expected a finite number, got " + json_summary(reward));
  }
  const auto log = reply.find("log");
  return {{"rewards", std::move(values)},
          {"reasons", std::move(reasons)},
          {"log", log != reply.end() && log->is_object() ? *log : nlohmann::json::object()},
          {"failed", false}};
}

nlohmann::json no_external_answer(const std::string& reason, size_t completions) {
  return {{"rewards", std::vector<std::nullptr_t>(completions, nullptr)},
          {"reasons", std::vector<std::string>(completions, reason)},
          {"log", nlohmann::json::object()},
          {"failed", true}};
}

}  // namespace reckon::rewards
