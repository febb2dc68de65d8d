#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/chat_message.h"
#include "policy/chat/chat_format.h"
#include "policy/pretrained.h"
#include "rl/sft_config.h"
#include "rl/sft_order.h"

namespace reckon::rl {

/// A prompt and its answer before a tokenizer has seen them.
struct SftRow {
  std::string prompt;
  std::string completion;
  std::vector<ChatMessage> messages = {};  ///< instead of both; the last one is the answer
};

/// Rows of the JSON lines file `path` of a data set: prompt and completion as text or as lists of
/// messages, from the columns that it names. Where it leaves both names as they are, a row may have
/// `messages` instead, or no prompt. Throws `not_found`, and `corrupt` that names file and line,
/// also where there is nothing to learn.
std::vector<SftRow> read_sft_rows(const SftDatasetConfig& dataset);

/// Throws Error(invalid_argument) for data sets that do not say what they are, and what
/// `tasks::make_corpus` throws for their corpora; `context` is of the stage's key `datasets`.
void check_sft_datasets(const SftDataOptions& options, const tasks::SourceContext& context);

/// What makes documents out of data sets.
struct SftSources {
  tasks::SourceContext context;  ///< of the stage's key `datasets`
  /// The samples.jsonl that the key `samples` names; if empty, the name is the file.
  std::function<std::filesystem::path(const std::string&)> samples_file = {};
  std::shared_ptr<const policy::Tokenizer> tokenizer;  ///< the student's
  std::vector<int32_t> end_ids;                        ///< that end a completion: `stop_ids`
  policy::ChatFormat format = policy::ChatFormat::named("plain");
  bool as_messages = false;  ///< a prompt of text is sent as one message of the user
};

/// Reads the data sets of a stage and makes documents for the student of them: token ids of a
/// `samples` file where the student has the tokenizer that sampled them, else texts that are
/// encoded anew. A completion that does not end with one of `end_ids` gets the tokenizer's end
/// token. Warns with counts of what is over `max_length`. Throws like the two above, and
/// Error(invalid_argument) that names a data set without documents.
SftOrder load_sft_data(const SftDataOptions& options, const SftSources& sources);

/// Reads a data set that is a file and is there already, for checks before a run: `path`, or
/// `samples` where that is a file; does nothing for a corpus. Throws like `read_sft_rows`, and
/// Error(invalid_argument) with `place` for a file without rows.
void check_sft_file(const SftDatasetConfig& dataset, const std::string& place);

}  // namespace reckon::rl
