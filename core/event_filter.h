#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace reckon {

/// Rewrites a TensorBoard event file without the records whose tag `drop` names; those without a
/// tag stay. Ends at a torn record as a reader does. A missing file is fine. Throws Error(io).
void drop_events(const std::filesystem::path& file,
                 const std::function<bool(std::string_view tag)>& drop);

}  // namespace reckon
