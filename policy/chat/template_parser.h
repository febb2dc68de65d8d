#pragma once

#include <string_view>

#include "policy/chat/template_ast.h"

namespace reckon::policy::jinja {

/// Reads a template: the statements and expressions that chat templates use. Throws
/// Error(unsupported) that names construct and line.
Body parse_template(std::string_view source);

}  // namespace reckon::policy::jinja
