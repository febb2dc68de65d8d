#include <nlohmann/json.hpp>
#include <string>

#include "rewards/judge/kind_handlers.h"
#include "rewards/user_pattern.h"

namespace reckon::rewards {

Verdict grade_regex_request(const nlohmann::json& request) {
  const UserPattern pattern(request.at("pattern").get<std::string>());
  return pattern.grade(request.at("completion").get_ref<const std::string&>(),
                       request.at("gold").get_ref<const std::string&>());
}

}  // namespace reckon::rewards
