#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/chat/template_ast.h"
#include "policy/chat/template_call.h"

namespace reckon::policy::jinja {

/// A parsed template. Immutable, hence thread-safe.
class Template {
 public:
  /// Throws Error(unsupported) that names construct and line, also for more than 1 MiB.
  explicit Template(std::string_view source);

  /// The text of the template with these variables, whose names must outlive the call. Throws
  /// Error(invalid_argument) and Error(unsupported) with the line, and where a limit is passed.
  std::string render(std::vector<std::pair<std::string_view, Value>> variables,
                     const Limits& limits = {}) const;

 private:
  Body body_;
};

}  // namespace reckon::policy::jinja
