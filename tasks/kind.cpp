#include "tasks/kind.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::tasks {

std::string read_kind(const nlohmann::json& config, const SourceContext& context,
                      std::initializer_list<std::string_view> kinds) {
  check(config.is_object(), ErrorCode::invalid_argument, "expected an object, got {}, in {}",
        json_summary(config), context.place());
  const auto found = config.find("kind");
  if (found != config.end() && found->is_string()) {
    const auto& kind = found->get_ref<const std::string&>();
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return kind;
  }
  fail(ErrorCode::invalid_argument, "expected one of {}, got {}, in {}", fmt::join(kinds, ", "),
       found == config.end() ? "nothing" : json_summary(*found), context.place("kind"));
}

}  // namespace reckon::tasks
