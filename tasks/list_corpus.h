#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/corpus.h"
#include "tasks/lists.h"

namespace reckon::tasks {

/// A list document: the asked operation's result with the probability `obeyed`, otherwise that of
/// the other one.
DocumentIds draw_list_document(RandomSequence& random, CountdownSplit split, double obeyed);

/// Options of `{"kind": "instructed-lists"}` as a corpus.
struct ListCorpusConfig {
  std::string kind = "instructed-lists";
  std::string split = "rl";
  double operation_obeyed = 1.0;

  template <class V>
  static void visit(V& v) {
    v(&ListCorpusConfig::kind, "kind", "kind of the corpus",
      required(one_of({"instructed-lists"})));
    v(&ListCorpusConfig::split, "split", "part that lists are drawn from; never held-out ones",
      one_of({"rl", "pretraining"}));
    v(&ListCorpusConfig::operation_obeyed, "operation_obeyed",
      "share of the documents with the asked result; the others have the other operation's",
      probability());
  }
};

/// Lists with their results, made by rule, without a thought. Each document has its own random
/// stream.
class ListCorpus : public Corpus {
 public:
  ListCorpus(const ListCorpusConfig& config, const SourceContext& context);

  Document at(uint64_t n) const override;
  std::vector<std::string> vocabulary() const override;
  DocumentIds ids_at(uint64_t n) const override;

 private:
  CountdownSplit split_;
  double obeyed_;
  uint64_t seed_;
  uint32_t stage_;
};

}  // namespace reckon::tasks
