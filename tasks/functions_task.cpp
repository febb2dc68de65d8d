#include "tasks/functions_task.h"

#include <array>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/error.h"

namespace reckon::tasks {

namespace {

constexpr size_t kMostHeldOut = 1024;
/// Draws without a new problem before the list of held-out ones is taken as complete.
constexpr int kMostBarren = 1000;
/// Every function is a x + b, so two points tell it from all others.
constexpr std::array<int64_t, 2> kArguments{5, -7};

std::string prompt_of(const StepFunction& function) {
  return fmt::format("<bos> {} :", function_words(function));
}

Problem make_problem(const StepFunction& function, uint32_t index) {
  nlohmann::json cases = nlohmann::json::array();
  for (const int64_t x : kArguments) {
    cases.push_back({{"type", "function_call"},
                     {"fn_name", "f"},
                     {"input", nlohmann::json::array({x})},
                     {"output", function_value(function, x)}});
  }
  auto columns = std::make_shared<nlohmann::json>();
  (*columns)["verification_info"] = {{"language", "python"}, {"test_cases", cases}};
  (*columns)["words"] = function_words(function);
  return {index, prompt_of(function), std::move(columns),
          needs_grouping(function) ? "grouped" : "plain"};
}

}  // namespace

FunctionsTask::FunctionsTask(const FunctionsConfig& config, const SourceContext& context)
    : range_{config.steps, config.max_number}, seed_(context.seed), stage_(context.stage) {
  // A seed of its own, so that the list is the same in every run.
  RandomSequence random(RandomStream({0, 0, Purpose::eval, 0}), 0, 0);
  std::unordered_set<std::string> seen;
  for (int barren = 0; held_out_.size() < kMostHeldOut && barren < kMostBarren; ++barren) {
    const auto function = draw_function(range_, FunctionSplit::held_out, random);
    if (!seen.insert(function_words(function)).second) continue;
    held_out_.push_back(make_problem(function, static_cast<uint32_t>(held_out_.size())));
    barren = 0;
  }
}

Problem FunctionsTask::at(uint64_t position) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::shuffle, position}), 0, 0);
  return make_problem(draw_function(range_, FunctionSplit::rl, random),
                      static_cast<uint32_t>(position));
}

std::vector<Problem> FunctionsTask::held_out(uint64_t count) const {
  check(count <= held_out_.size(), ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in the task functions", held_out_.size(),
        count);
  return {held_out_.begin(), held_out_.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string FunctionsTask::summary() const {
  return fmt::format("functions: {} steps, numbers to {}, {} held out", range_.steps,
                     range_.max_number, held_out_.size());
}

FunctionPrograms::FunctionPrograms(const FunctionProgramsConfig& config,
                                   const SourceContext& context)
    : range_{config.steps, config.max_number},
      grouped_(config.grouped),
      seed_(context.seed),
      stage_(context.stage) {
  words_ = {"<pad>", "<bos>", "<eos>", "<answer>", "</answer>", "def",  "f",     "return", "x",
            "(",     ")",     ":",     "+",        "-",         "*",    "plus",  "minus",  "times"};
  for (int64_t number = 1; number <= range_.max_number; ++number) {
    words_.push_back(std::to_string(number));
  }
  for (size_t i = 0; i < words_.size(); ++i) id_of_[words_[i]] = static_cast<int32_t>(i);
}

Document FunctionPrograms::at(uint64_t n) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::corpus, n}), 0, 0);
  const auto function = draw_function(range_, FunctionSplit::pretraining, random);
  const bool grouped = random.next_uniform() < grouped_;
  return {prompt_of(function),
          fmt::format("<answer> {} </answer> <eos>", function_program(function, grouped))};
}

DocumentIds FunctionPrograms::ids_at(uint64_t n) const {
  const auto ids = [&](std::string_view text) {
    std::vector<int32_t> found;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find(' ', begin), text.size());
      found.push_back(id_of_.find(text.substr(begin, end - begin))->second);
      begin = end + 1;
    }
    return found;
  };
  const Document document = at(n);
  return {ids(document.prompt), ids(document.completion)};
}

}  // namespace reckon::tasks
