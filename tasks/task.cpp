#include "tasks/task.h"

#include "core/error.h"
#include "tasks/arithmetic_task.h"
#include "tasks/countdown_task.h"
#include "tasks/functions_task.h"
#include "tasks/instructed_task.h"
#include "tasks/jsonl_task.h"
#include "tasks/kind.h"
#include "tasks/list_task.h"
#include "tasks/mixture_task.h"

namespace reckon::tasks {

std::optional<TraceReport> ProblemSource::trace(const Problem&, std::string_view) const {
  return std::nullopt;
}

void ProblemSource::leave_out(const std::vector<bool>&) {}

std::string SourceContext::place(std::string_view key) const {
  if (key.empty()) return fmt::format("{} {}", file, pointer);
  return fmt::format("{} {}/{}", file, pointer, key);
}

namespace {

template <class Task, class Config>
std::unique_ptr<ProblemSource> make(const nlohmann::json& config, const SourceContext& context) {
  return std::make_unique<Task>(read_config<Config>(config, context.pointer, context.file),
                                context);
}

}  // namespace

std::unique_ptr<ProblemSource> make_task(const nlohmann::json& config,
                                         const SourceContext& context) {
  const std::string kind =
      read_kind(config, context,
                {"arithmetic", "countdown", "functions", "instructed-countdown", "instructed-lists",
                 "jsonl", "mixture"});
  if (kind == "arithmetic") return make<ArithmeticTask, ArithmeticConfig>(config, context);
  if (kind == "countdown") return make<CountdownTask, CountdownConfig>(config, context);
  if (kind == "functions") return make<FunctionsTask, FunctionsConfig>(config, context);
  if (kind == "instructed-countdown") {
    return make<InstructedCountdownTask, InstructedCountdownConfig>(config, context);
  }
  if (kind == "instructed-lists") return make<ListTask, ListTaskConfig>(config, context);
  if (kind == "mixture") return make<MixtureTask, MixtureConfig>(config, context);
  return make<JsonlTask, JsonlConfig>(config, context);
}

}  // namespace reckon::tasks
