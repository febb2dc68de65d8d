#include "rewards/judge/answer_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace reckon::rewards {

namespace {

/// The names of `ErrorCode`, in its order.
constexpr std::array<std::string_view, 6> kCodeNames{
    "invalid_argument", "not_found", "corrupt", "io", "unsupported", "internal"};

}  // namespace

nlohmann::json error_json(const Error& error) {
  return {{"error",
           {{"code", kCodeNames[static_cast<size_t>(error.code())]}, {"message", error.what()}}}};
}

void throw_if_error(const nlohmann::json& answer) {
  const auto error = answer.find("error");
  if (error == answer.end()) return;
  const auto code = error->value("code", std::string());
  const auto* name = std::find(kCodeNames.begin(), kCodeNames.end(), code);
  throw Error(name == kCodeNames.end() ? ErrorCode::internal
                                       : static_cast<ErrorCode>(name - kCodeNames.begin()),
              error->value("message", std::string()));
}

}  // namespace reckon::rewards
