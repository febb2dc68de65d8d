#include "rl/sft_data.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "rl/sample_file.h"
#include "rl/sft_documents.h"
#include "tasks/column.h"
#include "tasks/messages.h"

namespace reckon::rl {
namespace {

using nlohmann::json;
using tasks::DocumentIds;

// The messages of a column; text is one message of `role`.
std::vector<ChatMessage> messages_of(const tasks::Row& row, const std::string& column,
                                     const char* role) {
  const json* value = tasks::find_column(row, column);
  if (value != nullptr && value->is_array()) {
    return tasks::read_messages(
        *value, fmt::format("{} line {} column `{}`", row.path.string(), row.line, column));
  }
  return {{role, tasks::text_column(row, column)}};
}

bool is_list(const tasks::Row& row, const std::string& column) {
  const json* value = tasks::find_column(row, column);
  return value != nullptr && value->is_array();
}

// Whether rows may come as `messages`, or without a prompt: the columns were not chosen.
bool has_usual_columns(const SftDatasetConfig& dataset) {
  const SftDatasetConfig usual;
  return dataset.prompt_column == usual.prompt_column &&
         dataset.completion_column == usual.completion_column;
}

// The conversation of a row, empty if it is two texts that are learnt as they are.
std::vector<ChatMessage> read_conversation(const tasks::Row& row, const SftDatasetConfig& dataset) {
  std::vector<ChatMessage> messages;
  const std::string &prompt = dataset.prompt_column, &completion = dataset.completion_column;
  if (has_usual_columns(dataset) && is_list(row, "messages")) {
    messages = messages_of(row, "messages", "user");
  } else if (!dataset.system_prompt.empty() || is_list(row, prompt) || is_list(row, completion)) {
    messages = messages_of(row, prompt, "user");
    const auto answer = messages_of(row, completion, "assistant");
    messages.insert(messages.end(), answer.begin(), answer.end());
  }
  if (!dataset.system_prompt.empty() && messages.front().role != "system") {
    messages.insert(messages.begin(), {"system", dataset.system_prompt});
  }
  return messages;
}

SftRow read_row(const tasks::Row& row, const SftDatasetConfig& dataset) {
  SftRow out;
  out.messages = read_conversation(row, dataset);
  const bool talks = !out.messages.empty();
  if (!talks) {
    const bool optional = has_usual_columns(dataset);
    if (!optional || tasks::find_column(row, dataset.prompt_column) != nullptr) {
      out.prompt = tasks::text_column(row, dataset.prompt_column);
    }
    out.completion = tasks::text_column(row, dataset.completion_column);
  }
  check(!talks || (out.messages.size() > 1 && out.messages.back().role == "assistant"),
        ErrorCode::corrupt,
        "expected messages that end with an answer of the assistant, got {} of which the last is "
        "of {}, in {} line {}",
        out.messages.size(), talks ? out.messages.back().role : "", row.path.string(), row.line);
  const std::string& answer = talks ? out.messages.back().content : out.completion;
  check(!answer.empty(), ErrorCode::corrupt,
        "expected an answer to learn, got an empty one, in {} line {}", row.path.string(),
        row.line);
  return out;
}

// Whether the ids of a samples file mean the same to `tokenizer`; not known without a summary.
bool sampled_with(const policy::Tokenizer& tokenizer, const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  return std::filesystem::exists(folder / "summary.json") &&
         read_sample_summary(folder).tokenizer == tokenizer_fingerprint(tokenizer);
}

void check_ids(const std::vector<int32_t>& ids, int32_t size, const std::filesystem::path& file) {
  for (const int32_t id : ids) {
    check(id >= 0 && id < size, ErrorCode::corrupt, "expected ids below {}, got {}, in {}", size,
          id, file.string());
  }
}

// Documents of one data set after another.
class Loader {
 public:
  Loader(const SftDataOptions& options, const SftSources& sources)
      : options_(options), sources_(sources), maker_(options, sources) {}

  std::vector<DocumentIds> samples(const std::string& name) {
    const std::filesystem::path file =
        sources_.samples_file ? sources_.samples_file(name) : std::filesystem::path(name);
    const bool same = sampled_with(*sources_.tokenizer, file);
    std::vector<DocumentIds> out;
    for_each_sample(file, [&](SampleRow row) {
      for (const auto* ids : {&row.prompt_ids, &row.completion_ids}) {
        if (same) check_ids(*ids, sources_.tokenizer->vocab_size(), file);
      }
      add(out, same ? maker_.from_ids({std::move(row.prompt_ids), std::move(row.completion_ids)})
                    : maker_.from_sampled_text(row.prompt, row.completion));
    });
    return out;
  }

  std::vector<DocumentIds> rows(const SftDatasetConfig& dataset) {
    std::vector<DocumentIds> out;
    for (const SftRow& row : read_sft_rows(dataset)) add(out, maker_.from_row(row));
    return out;
  }

  std::vector<DocumentIds> corpus(const json& config, const std::string& pointer, int64_t count) {
    auto context = sources_.context;
    context.pointer = json_pointer(pointer, "corpus");
    const auto corpus = tasks::make_corpus(config, context);
    std::vector<DocumentIds> out;
    for (int64_t n = 0; n < count; ++n) {
      const auto document = corpus->at(static_cast<uint64_t>(n));
      add(out, maker_.from_text(document.prompt, document.completion));
    }
    return out;
  }

  // Tells of what the limit of length did to the documents since the last call.
  void tell(const std::string& place, size_t kept) {
    const int64_t dropped = std::exchange(dropped_, 0), cut = maker_.take_cut();
    const int64_t all = static_cast<int64_t>(kept) + dropped;
    if (dropped > 0) {
      log_warning("{} of {} documents are longer than max_length {} and left out, in {}", dropped,
                  all, *options_.max_length, place);
    }
    if (cut > 0) {
      log_warning("{} of {} documents are cut to max_length {} tokens, in {}", cut, all,
                  *options_.max_length, place);
    }
    check(kept > 0, ErrorCode::invalid_argument, "expected documents, got none{}, in {}",
          dropped > 0 ? " that is short enough" : "", place);
  }

 private:
  void add(std::vector<DocumentIds>& out, std::optional<DocumentIds> document) {
    if (document) out.push_back(std::move(*document));
    if (!document) ++dropped_;
  }

  const SftDataOptions& options_;
  const SftSources& sources_;
  DocumentMaker maker_;
  int64_t dropped_ = 0;
};

// The key that says what a data set is.
const char* kind_key(const SftDatasetConfig& dataset) {
  return !dataset.samples.empty() ? "samples" : !dataset.path.empty() ? "path" : "corpus";
}

}  // namespace

std::vector<SftRow> read_sft_rows(const SftDatasetConfig& dataset) {
  const std::filesystem::path file = dataset.path;
  std::vector<SftRow> rows;
  for_each_jsonl(
      file,
      [&](const json& value, uint64_t line) {
        rows.push_back(read_row({value, file, line}, dataset));
      },
      JsonlMode::strict);
  return rows;
}

namespace {

void check_shape(const SftDataOptions& options, const tasks::SourceContext& context) {
  check(!options.datasets.empty(), ErrorCode::invalid_argument,
        "expected at least one data set, got none, in {}", context.place());
  double rows = 0.0;
  for (const auto& d : options.datasets) rows += d.corpus ? 0.0 : 1.0;
  for (size_t i = 0; i < options.datasets.size(); ++i) {
    const SftDatasetConfig& d = options.datasets[i];
    const auto place = context.file + " " + json_pointer(context.pointer, i);
    const int given = int(!d.samples.empty()) + int(!d.path.empty()) + int(d.corpus.has_value());
    check(given == 1, ErrorCode::invalid_argument,
          "expected one of samples, path and corpus, got {} of them, in {}", given, place);
    const bool columns = !has_usual_columns(d) || !d.system_prompt.empty();
    check(!d.path.empty() || !columns, ErrorCode::invalid_argument,
          "expected prompt_column, completion_column and system_prompt beside a path only, got {}, "
          "in {}",
          kind_key(d), place);
    const int sizes = int(d.num_documents > 0) + int(d.relative_size > 0.0);
    check(sizes == (d.corpus ? 1 : 0), ErrorCode::invalid_argument,
          "expected {}, got {} of them, in {}",
          d.corpus ? "one of num_documents and relative_size beside a corpus"
                   : "num_documents and relative_size beside a corpus only",
          sizes, place);
    check(d.relative_size == 0.0 || rows > 0.0, ErrorCode::invalid_argument,
          "expected a data set with samples or path that the size is relative to, got none, in {}",
          json_pointer(place, "relative_size"));
  }
}

}  // namespace

void check_sft_datasets(const SftDataOptions& options, const tasks::SourceContext& context) {
  check_shape(options, context);
  for (size_t i = 0; i < options.datasets.size(); ++i) {
    auto own = context;
    own.pointer = json_pointer(json_pointer(context.pointer, i), "corpus");
    if (options.datasets[i].corpus) tasks::make_corpus(**options.datasets[i].corpus, own);
  }
}

void check_sft_file(const SftDatasetConfig& dataset, const std::string& place) {
  if (dataset.corpus) return;
  const bool empty =
      dataset.path.empty() ? read_samples(dataset.samples).empty() : read_sft_rows(dataset).empty();
  check(!empty, ErrorCode::invalid_argument, "expected documents, got none, in {}", place);
}

SftOrder load_sft_data(const SftDataOptions& options, const SftSources& sources) {
  check_shape(options, sources.context);
  Loader loader(options, sources);
  std::vector<SftSet> sets(options.datasets.size());
  double rows = 0.0;
  // A corpus may be as large as all other sets together: it comes last.
  for (const bool corpora : {false, true}) {
    for (size_t i = 0; i < sets.size(); ++i) {
      const SftDatasetConfig& d = options.datasets[i];
      if (d.corpus.has_value() != corpora) continue;
      const auto pointer = json_pointer(sources.context.pointer, i);
      auto& documents = sets[i].documents;
      if (corpora) {
        const int64_t relative = std::llround(d.relative_size * rows);
        documents =
            loader.corpus(**d.corpus, pointer, d.num_documents > 0 ? d.num_documents : relative);
      } else {
        documents = d.path.empty() ? loader.samples(d.samples) : loader.rows(d);
        rows += static_cast<double>(documents.size());
      }
      sets[i].weight = d.weight;
      loader.tell(sources.context.file + " " + json_pointer(pointer, kind_key(d)),
                  documents.size());
    }
  }
  return SftOrder(std::move(sets), sources.context.seed, sources.context.stage);
}

}  // namespace reckon::rl
