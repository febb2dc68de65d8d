#include "tasks/jsonl_corpus.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/jsonl.h"
#include "tasks/column.h"

namespace reckon::tasks {

JsonlCorpus::JsonlCorpus(const JsonlCorpusConfig& config, const SourceContext& context) {
  const std::filesystem::path path = config.path;
  const auto add_row = [&](const nlohmann::json& value, uint64_t line) {
    const Row row{value, path, line};
    Document document;
    if (find_column(row, config.prompt_column) != nullptr) {
      document.prompt = text_column(row, config.prompt_column);
    }
    document.completion = text_column(row, config.completion_column);
    check(!document.completion.empty(), ErrorCode::corrupt,
          "expected text in column `{}`, got an empty one, in {} line {}", config.completion_column,
          config.path, line);
    documents_.push_back(std::move(document));
  };
  for_each_jsonl(path, add_row, JsonlMode::strict);
  check(!documents_.empty(), ErrorCode::invalid_argument,
        "expected documents, got an empty file {}, in {}", config.path, context.place("path"));
  order_ = std::make_unique<EpochOrder>(context.seed, context.stage,
                                        static_cast<uint32_t>(documents_.size()), config.shuffle);
}

Document JsonlCorpus::at(uint64_t n) const { return documents_[order_->at(n)]; }

std::vector<std::string> JsonlCorpus::vocabulary() const { return {}; }

}  // namespace reckon::tasks
