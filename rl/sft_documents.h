#pragma once

#include <optional>
#include <string>

#include "rl/sft_data.h"

namespace reckon::rl {

/// Makes the documents that a student is trained on: prompt without loss, completion with it, at
/// most `max_length` tokens. Each function returns nothing for a document that is left out because
/// of its length.
class DocumentMaker {
 public:
  /// Both must outlive it.
  DocumentMaker(const SftDataOptions& options, const SftSources& sources)
      : options_(options), sources_(sources) {}

  /// Ids as they were sampled: nothing is added at the end.
  std::optional<tasks::DocumentIds> from_ids(tasks::DocumentIds document);

  /// Texts; the end token is added where it is missing.
  std::optional<tasks::DocumentIds> from_text(const std::string& prompt,
                                              const std::string& completion);

  /// Texts that another tokenizer's model sampled: its end token, as it is written in the text, is
  /// taken off and the student's put there.
  std::optional<tasks::DocumentIds> from_sampled_text(const std::string& prompt,
                                                      const std::string& completion);

  /// A row of a file, conversations written in the student's chat format.
  std::optional<tasks::DocumentIds> from_row(const SftRow& row);

  /// How many documents were cut since the last call.
  int64_t take_cut() { return std::exchange(cut_, 0); }

 private:
  std::optional<tasks::DocumentIds> from_messages(const std::vector<ChatMessage>& messages);
  bool ends(const std::vector<int32_t>& ids) const;

  const SftDataOptions& options_;
  const SftSources& sources_;
  int64_t cut_ = 0;
};

}  // namespace reckon::rl
