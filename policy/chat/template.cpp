#include "policy/chat/template.h"

#include "core/error.h"
#include "policy/chat/evaluator.h"
#include "policy/chat/template_parser.h"

namespace reckon::policy::jinja {

namespace {

// The largest templates in use have about 20 kB.
constexpr std::size_t kMaxTemplateBytes = std::size_t{1} << 20;

std::string_view checked(std::string_view source) {
  check(source.size() <= kMaxTemplateBytes, ErrorCode::unsupported,
        "expected a chat template of at most {} bytes, got {}", kMaxTemplateBytes, source.size());
  return source;
}

}  // namespace

Template::Template(std::string_view source) : body_(parse_template(checked(source))) {}

std::string Template::render(std::vector<std::pair<std::string_view, Value>> variables,
                             const Limits& limits) const {
  return Evaluator(body_, std::move(variables), limits).run();
}

}  // namespace reckon::policy::jinja
