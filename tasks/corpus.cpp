#include "tasks/corpus.h"

#include "core/error.h"
#include "tasks/countdown_corpus.h"
#include "tasks/functions_task.h"
#include "tasks/instructed_corpus.h"
#include "tasks/jsonl_corpus.h"
#include "tasks/kind.h"
#include "tasks/list_corpus.h"

namespace reckon::tasks {

DocumentIds Corpus::ids_at(uint64_t) const {
  fail(ErrorCode::unsupported, "expected a corpus with a vocabulary of its own, got one of text");
}

namespace {

template <class Kind, class Config>
std::unique_ptr<Corpus> make(const nlohmann::json& config, const SourceContext& context) {
  return std::make_unique<Kind>(read_config<Config>(config, context.pointer, context.file),
                                context);
}

}  // namespace

std::unique_ptr<Corpus> make_corpus(const nlohmann::json& config, const SourceContext& context) {
  const std::string kind = read_kind(
      config, context,
      {"countdown-traces", "function-programs", "instructed-lists", "instructed-traces", "jsonl"});
  if (kind == "countdown-traces") {
    return make<CountdownTraces, CountdownTracesConfig>(config, context);
  }
  if (kind == "function-programs") {
    return make<FunctionPrograms, FunctionProgramsConfig>(config, context);
  }
  if (kind == "instructed-lists") return make<ListCorpus, ListCorpusConfig>(config, context);
  if (kind == "instructed-traces") {
    return make<InstructedTraces, InstructedTracesConfig>(config, context);
  }
  return make<JsonlCorpus, JsonlCorpusConfig>(config, context);
}

}  // namespace reckon::tasks
