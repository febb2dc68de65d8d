#include "tasks/corpus.h"

#include "core/error.h"
#include "tasks/countdown_corpus.h"
#include "tasks/jsonl_corpus.h"
#include "tasks/kind.h"

namespace reckon::tasks {

DocumentIds Corpus::ids_at(uint64_t) const {
  fail(ErrorCode::unsupported, "expected a corpus with a vocabulary of its own, got one of text");
}

std::unique_ptr<Corpus> make_corpus(const nlohmann::json& config, const SourceContext& context) {
  if (read_kind(config, context, {"countdown-traces", "jsonl"}) == "countdown-traces") {
    return std::make_unique<CountdownTraces>(
        read_config<CountdownTracesConfig>(config, context.pointer, context.file), context);
  }
  return std::make_unique<JsonlCorpus>(
      read_config<JsonlCorpusConfig>(config, context.pointer, context.file), context);
}

}  // namespace reckon::tasks
