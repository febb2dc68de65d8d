#pragma once

#include <string>

#include "tasks/column.h"

namespace reckon::tasks {

/// The text of `form` with every `{name}` replaced by that column of the row: a name, or a JSON
/// pointer such as `{/tests/0}`. A value that is no text is written as JSON; `{{` and `}}` are the
/// braces themselves. Throws Error(corrupt) that names file and line for a column that the row
/// lacks, Error(invalid_argument) for a brace without its partner.
std::string fill_prompt(const std::string& form, const Row& row);

}  // namespace reckon::tasks
