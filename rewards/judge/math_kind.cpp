#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/error.h"
#include "rewards/judge/kind_handlers.h"
#include "rewards/math/math.h"

namespace reckon::rewards {

namespace {

constexpr std::array<std::string_view, 3> kRegions{"after_think", "answer_tag", "whole"};
constexpr std::array<std::string_view, 5> kStyles{"boxed", "tag", "hash", "line", "lenient"};

/// The place of the member `key` among `names`; the first name if it is absent.
template <size_t kSize>
size_t choice(const nlohmann::json& options, const char* key,
              const std::array<std::string_view, kSize>& names) {
  const auto name = options.value(key, std::string(names.front()));
  const auto found = std::find(names.begin(), names.end(), name);
  check(found != names.end(), ErrorCode::invalid_argument, "expected a known {}, got {}", key,
        name);
  return static_cast<size_t>(found - names.begin());
}

math::MathOptions read_options(const nlohmann::json& request) {
  const auto options = request.value("options", nlohmann::json::object());
  math::MathOptions result;
  result.region = static_cast<math::Region>(choice(options, "region", kRegions));
  result.style = static_cast<math::Style>(choice(options, "style", kStyles));
  result.think_prefilled = options.value("think_prefilled", false);
  result.read.decimal_comma = options.value("decimal_comma", false);
  result.equality.exact_decimals = options.value("exact_decimals", false);
  result.equality.require_evaluated = options.value("require_evaluated", false);
  return result;
}

}  // namespace

Verdict grade_math_request(const nlohmann::json& request) {
  const auto options = read_options(request);
  const auto& gold = request.at("gold").get_ref<const std::string&>();
  const auto answer = request.find("answer");
  if (answer != request.end()) {
    return math::grade_answer(answer->get_ref<const std::string&>(), gold, options);
  }
  return math::grade_completion(request.at("completion").get_ref<const std::string&>(), gold,
                                options);
}

}  // namespace reckon::rewards
