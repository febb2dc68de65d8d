#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/corpus.h"
#include "tasks/epoch_order.h"

namespace reckon::tasks {

/// Options of a `{"kind": "jsonl"}` corpus.
struct JsonlCorpusConfig {
  std::string kind = "jsonl";
  std::string path;
  std::string prompt_column = "prompt";
  std::string completion_column = "completion";
  bool shuffle = true;

  template <class V>
  static void visit(V& v) {
    v(&JsonlCorpusConfig::kind, "kind", "kind of the corpus", required(one_of({"jsonl"})));
    v(&JsonlCorpusConfig::path, "path", "data set: one JSON object a line", required());
    v(&JsonlCorpusConfig::prompt_column, "prompt_column", "column with the text without loss");
    v(&JsonlCorpusConfig::completion_column, "completion_column",
      "column with the text that the loss acts on");
    v(&JsonlCorpusConfig::shuffle, "shuffle", "read every epoch in an order of its own");
  }
};

/// Documents from JSON lines, endless: every epoch is a permutation of the rows. The prompt may be
/// missing or empty, the completion may not.
class JsonlCorpus : public Corpus {
 public:
  /// Reads the whole file. Throws `not_found`, `corrupt` that names file and line, and
  /// `invalid_argument` if the file has no row.
  JsonlCorpus(const JsonlCorpusConfig& config, const SourceContext& context);

  Document at(uint64_t n) const override;
  std::vector<std::string> vocabulary() const override;
  std::optional<uint64_t> size() const override { return documents_.size(); }

 private:
  std::vector<Document> documents_;
  std::unique_ptr<EpochOrder> order_;
};

}  // namespace reckon::tasks
