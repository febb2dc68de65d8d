#include "tasks/task.h"

#include "core/error.h"
#include "tasks/arithmetic_task.h"
#include "tasks/countdown_task.h"
#include "tasks/functions_task.h"
#include "tasks/jsonl_task.h"
#include "tasks/kind.h"

namespace reckon::tasks {

std::optional<TraceReport> ProblemSource::trace(const Problem&, std::string_view) const {
  return std::nullopt;
}

void ProblemSource::leave_out(const std::vector<bool>&) {}

std::string SourceContext::place(std::string_view key) const {
  if (key.empty()) return fmt::format("{} {}", file, pointer);
  return fmt::format("{} {}/{}", file, pointer, key);
}

std::unique_ptr<ProblemSource> make_task(const nlohmann::json& config,
                                         const SourceContext& context) {
  const std::string kind = read_kind(config, context, {"arithmetic", "countdown", "functions", "jsonl"});
  if (kind == "arithmetic") {
    return std::make_unique<ArithmeticTask>(
        read_config<ArithmeticConfig>(config, context.pointer, context.file), context);
  }
  if (kind == "countdown") {
    return std::make_unique<CountdownTask>(
        read_config<CountdownConfig>(config, context.pointer, context.file), context);
  }
  if (kind == "functions") {
    return std::make_unique<FunctionsTask>(
        read_config<FunctionsConfig>(config, context.pointer, context.file), context);
  }
  return std::make_unique<JsonlTask>(
      read_config<JsonlConfig>(config, context.pointer, context.file), context);
}

}  // namespace reckon::tasks
