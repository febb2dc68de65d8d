#pragma once

#include <string_view>

namespace reckon::watch {

/// A file of watch/page/ or of the plotting library, as it was when the program was built. Throws
/// `internal` for an unknown name. The view is valid for the life of the program.
std::string_view page_file(std::string_view name);

}  // namespace reckon::watch
