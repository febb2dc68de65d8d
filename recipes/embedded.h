#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reckon::recipes {

/// Names of the recipes that come with the program, sorted.
std::vector<std::string> shipped_recipes();

/// Text of the file of a shipped recipe, for example "tiny-zero.json", as it was when the program
/// was built. Throws `internal` for an unknown name.
std::string_view recipe_file(std::string_view name);

}  // namespace reckon::recipes
