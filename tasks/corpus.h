#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace reckon::tasks {

/// A text to pretrain on: the loss acts on the completion only.
struct Document {
  std::string prompt;
  std::string completion;
};

/// The same as token ids: indices into `Corpus::vocabulary()`.
struct DocumentIds {
  std::vector<int32_t> prompt;
  std::vector<int32_t> completion;
};

/// Gives documents by number: document `n` is a pure function of configuration, seed and `n`.
/// All members are const and may be called from several threads at once.
class Corpus {
 public:
  virtual ~Corpus() = default;

  /// Document number `n` (0, 1, 2, ...; there is no last one).
  virtual Document at(uint64_t n) const = 0;

  /// Words of a word-level tokenizer for this corpus, in the order of their ids; empty if the
  /// corpus is ordinary text and has none.
  virtual std::vector<std::string> vocabulary() const = 0;

  /// Document `n` as ids, without the way over text. Throws `unsupported` where `vocabulary()` is
  /// empty.
  virtual DocumentIds ids_at(uint64_t n) const;

  /// How many documents there are before they repeat; nothing if they are made without end.
  virtual std::optional<uint64_t> size() const { return std::nullopt; }
};

/// Makes the corpus that `config` describes, by its `kind`: `countdown-traces`
/// (`CountdownTracesConfig`), `function-programs` (`FunctionProgramsConfig`), `instructed-lists`
/// (`ListCorpusConfig`), `instructed-traces` (`InstructedTracesConfig`) or `jsonl`
/// (`JsonlCorpusConfig`). Throws like `make_task`.
std::unique_ptr<Corpus> make_corpus(const nlohmann::json& config, const SourceContext& context);

}  // namespace reckon::tasks
