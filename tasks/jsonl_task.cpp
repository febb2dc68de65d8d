#include "tasks/jsonl_task.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "core/text.h"
#include "tasks/messages.h"
#include "tasks/prompt_template.h"

namespace reckon::tasks {

namespace {

uint64_t prompt_hash(std::string_view prompt) { return mix64(fnv1a(prompt)); }

/// The first of `names` that the row has; the first name if it has none.
std::string first_column(const Row& row, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (find_column(row, name) != nullptr) return name;
  }
  return *names.begin();
}

std::string as_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : json_text(value);
}

/// The columns of a row with `gold` among them where it has an answer.
std::shared_ptr<const nlohmann::json> make_columns(const Row& row, const JsonlConfig& config) {
  auto columns = std::make_shared<nlohmann::json>(row.value);
  const std::string name = config.dataset_answer_column.empty()
                               ? first_column(row, {"gold", "answer"})
                               : config.dataset_answer_column;
  const nlohmann::json* answer = find_column(row, name);
  check(answer != nullptr || config.dataset_answer_column.empty(), ErrorCode::corrupt,
        "expected a column `{}`, got none, in {} line {}", name, row.path.string(), row.line);
  if (answer == nullptr || answer->is_null() || name == "gold") return columns;
  check(!columns->contains("gold"), ErrorCode::corrupt,
        "expected no column `gold` beside the answer column `{}`, got both, in {} line {}", name,
        row.path.string(), row.line);
  const std::string text = as_text(*answer);
  const bool marked = text.starts_with("####") || text.find("\n####") != std::string::npos;
  check(marked || config.answer_format != "gsm8k", ErrorCode::corrupt,
        "expected an answer behind `####` in column `{}`, got {}, in {} line {}", name,
        json_summary(*answer), row.path.string(), row.line);
  (*columns)["gold"] = config.answer_format == "text" ? std::string(trim(text)) : gold_answer(text);
  return columns;
}

/// The prompt of a row as text.
std::string prompt_text(const Row& row, const std::string& name, const JsonlConfig& config) {
  return config.prompt_template.empty() ? text_column(row, name)
                                        : fill_prompt(config.prompt_template, row);
}

/// The conversation of a row: the messages of the prompt's column, or its text as one of the user,
/// behind the system prompt. Empty for a text that is sent as it is.
std::vector<ChatMessage> read_conversation(const Row& row, const std::string& name,
                                           const JsonlConfig& config) {
  const nlohmann::json* value = find_column(row, name);
  std::vector<ChatMessage> messages;
  if (value != nullptr && value->is_array()) {
    messages = read_messages(
        *value, fmt::format("{} line {} column `{}`", row.path.string(), row.line, name));
  } else if (!config.system_prompt.empty()) {
    messages = {{"user", prompt_text(row, name, config)}};
  }
  if (!config.system_prompt.empty() && messages.front().role != "system") {
    messages.insert(messages.begin(), {"system", config.system_prompt});
  }
  return messages;
}

/// What tells two prompts apart and chooses the split.
std::string split_key(const Problem& problem) {
  if (problem.messages.empty()) return problem.prompt;
  nlohmann::json list = nlohmann::json::array();
  for (const ChatMessage& message : problem.messages) {
    list.push_back({message.role, message.content});
  }
  return json_text(list);
}

}  // namespace

std::string gold_answer(std::string_view text) {
  size_t line = text.rfind("\n####");
  if (line != std::string_view::npos) {
    ++line;
  } else if (text.starts_with("####")) {
    line = 0;
  } else {
    return std::string(trim(text));
  }
  const std::string_view last = text.substr(line + 4);
  std::string gold(trim(last.substr(0, last.find('\n'))));
  std::erase_if(gold, [](char c) { return c == ',' || c == '$'; });
  if (gold.ends_with('.')) gold.pop_back();
  return std::string(trim(gold));
}

JsonlTask::JsonlTask(const JsonlConfig& config, const SourceContext& context)
    : path_(config.path),
      place_(context.place()),
      seed_(context.seed),
      stage_(context.stage),
      shuffle_(config.shuffle),
      max_unreadable_(config.max_unreadable) {
  read(config);
  make_order();
}

void JsonlTask::make_order() {
  check(!training_.empty() || !held_out_.empty(), ErrorCode::invalid_argument,
        "expected problems, got none ({}), in {}/path", summary(), place_);
  for (size_t i = 0; i < held_out_.size(); ++i) {
    held_out_[i].problem.index = static_cast<uint32_t>(i);
  }
  order_.reset();
  if (training_.empty()) return;
  order_ = std::make_unique<EpochOrder>(seed_, stage_, static_cast<uint32_t>(training_.size()),
                                        shuffle_);
}

std::vector<DataRow> JsonlTask::rows() const {
  std::vector<DataRow> rows;
  for (const auto* list : {&training_, &held_out_}) {
    for (const Numbered& row : *list) rows.push_back({row.line, row.problem.columns.get()});
  }
  return rows;
}

void JsonlTask::leave_out(const std::vector<bool>& unusable) {
  const auto count = std::count(unusable.begin(), unusable.end(), true);
  if (count == 0) return;
  const double share = static_cast<double>(count) / static_cast<double>(unusable.size());
  check(share <= max_unreadable_, ErrorCode::invalid_argument,
        "expected at most {:.3g} of the rows to have a gold that cannot be read, got {} of {} in "
        "{}, in {}/max_unreadable: mend the data, choose another reward, or raise this key",
        max_unreadable_, count, unusable.size(), path_, place_);
  size_t row = 0;
  for (auto* list : {&training_, &held_out_}) {
    std::erase_if(*list, [&](const Numbered&) { return unusable.at(row++); });
  }
  num_unreadable_ += static_cast<uint64_t>(count);
  make_order();
}

// Whether the row has a prompt that was not there before.
bool JsonlTask::add_prompt(Problem& problem, const Row& row, const JsonlConfig& config) {
  const std::string name = config.dataset_prompt_column.empty()
                               ? first_column(row, {"prompt", "messages", "question"})
                               : config.dataset_prompt_column;
  problem.messages = read_conversation(row, name, config);
  if (problem.messages.empty()) problem.prompt = prompt_text(row, name, config);
  const std::string_view last =
      problem.messages.empty() ? problem.prompt : problem.messages.back().content;
  if (trim(last).empty()) {
    ++num_empty_;
    return false;
  }
  if (!seen_.insert(split_key(problem)).second) {
    ++num_duplicate_;
    return false;
  }
  return true;
}

void JsonlTask::read(const JsonlConfig& config) {
  const std::filesystem::path path = config.path;
  // 2^64 as a double; the product is below it for every fraction below 1.
  const double threshold = config.held_out_fraction * 0x1p64;
  std::vector<std::pair<uint64_t, Numbered>> held_out;
  const auto add_row = [&](const nlohmann::json& value, uint64_t line) {
    const Row row{value, path, line};
    ++num_rows_;
    Problem problem;
    if (!add_prompt(problem, row, config)) return;
    problem.columns = make_columns(row, config);
    if (!config.dataset_difficulty_column.empty()) {
      const auto* difficulty = find_column(row, config.dataset_difficulty_column);
      if (difficulty != nullptr && !difficulty->is_null())
        problem.difficulty = as_text(*difficulty);
    }
    const uint64_t hash = prompt_hash(split_key(problem));
    if (static_cast<double>(hash) < threshold) {
      held_out.emplace_back(hash, Numbered{std::move(problem), line});
    } else {
      training_.push_back({std::move(problem), line});
    }
  };
  for_each_jsonl(path, add_row, JsonlMode::strict);
  seen_.clear();
  // In the order of the hash, the list does not depend on the order of the rows.
  std::stable_sort(held_out.begin(), held_out.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [hash, row] : held_out) held_out_.push_back(std::move(row));
}

Problem JsonlTask::at(uint64_t position) const {
  check(order_ != nullptr, ErrorCode::invalid_argument,
        "expected training rows, got all rows held out, in {}", path_);
  Problem problem = training_[order_->at(position)].problem;
  problem.index = static_cast<uint32_t>(position);
  return problem;
}

uint64_t JsonlTask::num_held_out() const { return held_out_.size(); }

std::vector<Problem> JsonlTask::held_out(uint64_t count) const {
  check(count <= held_out_.size(), ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in {}", held_out_.size(), count, path_);
  std::vector<Problem> problems;
  for (size_t i = 0; i < count; ++i) problems.push_back(held_out_[i].problem);
  return problems;
}

std::string JsonlTask::summary() const {
  auto text = fmt::format(
      "{}: {} rows, {} for training, {} held out; left out: {} with an empty prompt, {} repeated",
      path_, num_rows_, training_.size(), held_out_.size(), num_empty_, num_duplicate_);
  if (num_unreadable_ > 0) {
    text += fmt::format(", {} with a gold that cannot be read", num_unreadable_);
  }
  return text;
}

}  // namespace reckon::tasks
