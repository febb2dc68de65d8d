#include "tasks/corpus.h"

#include "core/error.h"
#include "tasks/countdown_corpus.h"
#include "tasks/functions_task.h"
#include "tasks/jsonl_corpus.h"
#include "tasks/kind.h"

namespace reckon::tasks {

DocumentIds Corpus::ids_at(uint64_t) const {
  fail(ErrorCode::unsupported, "expected a corpus with a vocabulary of its own, got one of text");
}

std::unique_ptr<Corpus> make_corpus(const nlohmann::json& config, const SourceContext& context) {
  const std::string kind =
      read_kind(config, context, {"countdown-traces", "function-programs", "jsonl"});
  if (kind == "countdown-traces") {
    return std::make_unique<CountdownTraces>(
        read_config<CountdownTracesConfig>(config, context.pointer, context.file), context);
  }
  if (kind == "function-programs") {
    return std::make_unique<FunctionPrograms>(
        read_config<FunctionProgramsConfig>(config, context.pointer, context.file), context);
  }
  return std::make_unique<JsonlCorpus>(
      read_config<JsonlCorpusConfig>(config, context.pointer, context.file), context);
}

}  // namespace reckon::tasks
