#include "watch/answer_search.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <ranges>

#include "core/json.h"
#include "core/progress.h"
#include "watch/growing_file.h"
#include "watch/live_data.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

constexpr size_t kShownText = 20'000;
constexpr size_t kWholeText = size_t{2} << 20;
constexpr size_t kMostAnswers = 1024;

const CompletionStep* find_step(const AnswerFile& answers, const std::string& stage,
                                int64_t number) {
  // Of steps that come twice the newer one counts.
  for (const CompletionStep& step : std::views::reverse(answers.steps)) {
    if (step.step == number && step.stage == stage) return &step;
  }
  return nullptr;
}

json found_json(const CompletionStep& step, const Completion& completion) {
  json result = completion_json(completion);
  result.update({{"stage", step.stage},
                 {"step", step.step},
                 {"prompt", completion.prompt},
                 {"gold", completion.gold},
                 {"difficulty", completion.difficulty}});
  return result;
}

/// What one look through the file found and how far it came.
struct Scan {
  bool done = true;
  uint64_t bytes = 0;
};

// What to do after a line.
enum class Next { line, step, end };

// Shows the lines of the newest step first; inside of a step they keep their order.
Scan scan_steps(const AnswerFile& answers, const std::string& stage, double deadline,
                const std::function<Next(const CompletionStep&, std::string_view)>& visit) {
  Scan scan;
  for (const CompletionStep& step : std::views::reverse(answers.steps)) {
    if (!stage.empty() && step.stage != stage) continue;
    Next next = Next::line;
    for_each_line(answers.file, step.offset, step.offset + step.size,
                  [&](std::string_view line, uint64_t) {
                    if (steady_seconds() > deadline) scan.done = false;
                    if (!scan.done) return false;
                    scan.bytes += line.size() + 1;
                    next = visit(step, line);
                    return next == Next::line;
                  });
    if (!scan.done || next == Next::end) {
      scan.done = false;
      break;
    }
  }
  return scan;
}

// How a text stands in the file: JSON without its quotes.
std::string as_written(const std::string& text) {
  const std::string quoted = json_text(json(text));
  return quoted.substr(1, quoted.size() - 2);
}

bool holds(std::string_view line, const std::string& text) {
  return line.find(text) != std::string_view::npos;
}

json with_scan(const char* name, json items, const Scan& scan) {
  return {{name, std::move(items)}, {"done", scan.done}, {"scanned_bytes", scan.bytes}};
}

// Whether a line names this prompt; the key could also stand inside of `columns`, so this only
// saves parsing.
bool may_be_prompt(std::string_view line, int64_t index, const std::string& written_prompt) {
  return holds(line, fmt::format("\"prompt_index\":{}", index)) ||
         holds(line, fmt::format("\"prompt_index\": {}", index)) ||
         (!written_prompt.empty() && holds(line, written_prompt));
}

}  // namespace

json groups_json(const AnswerFile& answers, const std::string& stage, int64_t number) {
  json groups = json::array();
  const CompletionStep* step = find_step(answers, stage, number);
  if (step == nullptr) return {{"groups", std::move(groups)}};
  std::map<int64_t, size_t> places;
  for (const auto& answer : read_completions(answers.file, *step, kShownText, kMostAnswers)) {
    const auto [place, is_new] = places.try_emplace(answer.prompt_index, groups.size());
    if (is_new) {
      groups.push_back({{"prompt_index", answer.prompt_index},
                        {"prompt", answer.prompt},
                        {"gold", answer.gold},
                        {"difficulty", answer.difficulty},
                        {"answers", json::array()}});
    }
    groups[place->second]["answers"].push_back(completion_json(answer));
  }
  return {{"groups", std::move(groups)}};
}

json whole_answer_json(const AnswerFile& answers, const std::string& stage, int64_t number,
                       int64_t prompt_index, int64_t sample) {
  const CompletionStep* step = find_step(answers, stage, number);
  if (step == nullptr) return nullptr;
  json found;
  for_each_line(answers.file, step->offset, step->offset + step->size,
                [&](std::string_view line, uint64_t) {
                  if (!may_be_prompt(line, prompt_index, "")) return true;
                  const auto answer = parse_completion(line, kWholeText);
                  if (!answer || answer->prompt_index != prompt_index || answer->sample != sample) {
                    return true;
                  }
                  found = found_json(*step, *answer);
                  return false;
                });
  return found;
}

json search_json(const AnswerFile& answers, const std::string& text, const std::string& stage,
                 const SearchLimits& limits) {
  json results = json::array();
  const std::string written = as_written(text);
  const auto visit = [&](const CompletionStep& step, std::string_view line) {
    if (!holds(line, written)) return Next::line;
    auto answer = parse_completion(line, kWholeText);
    if (!answer || !(holds(answer->completion, text) || holds(answer->prompt, text))) {
      return Next::line;
    }
    answer->completion = std::string(cut_text(answer->completion, limits.text));
    answer->prompt = std::string(cut_text(answer->prompt, limits.text));
    results.push_back(found_json(step, *answer));
    return results.size() < limits.results ? Next::line : Next::end;
  };
  const Scan scan = scan_steps(answers, stage, steady_seconds() + limits.seconds, visit);
  return with_scan("results", std::move(results), scan);
}

json prompt_json(const AnswerFile& answers, int64_t prompt_index, const std::string& stage,
                 const SearchLimits& limits) {
  const double deadline = steady_seconds() + limits.seconds;
  std::string prompt;
  const auto read_prompt = [&](const CompletionStep&, std::string_view line) {
    if (!may_be_prompt(line, prompt_index, "")) return Next::line;
    const auto answer = parse_completion(line, kWholeText);
    if (!answer || answer->prompt_index != prompt_index) return Next::line;
    prompt = answer->prompt;
    return Next::end;
  };
  const Scan first = scan_steps(answers, stage, deadline, read_prompt);
  json samples = json::array();
  if (prompt.empty()) return with_scan("samples", std::move(samples), first);
  const std::string written = as_written(prompt);
  const auto visit = [&](const CompletionStep& step, std::string_view line) {
    if (!may_be_prompt(line, prompt_index, written)) return Next::line;
    auto answer = parse_completion(line, kWholeText);
    if (!answer || answer->prompt != prompt) return Next::line;
    answer->completion = std::string(cut_text(answer->completion, limits.text));
    samples.push_back(found_json(step, *answer));
    return samples.size() < limits.results ? Next::step : Next::end;
  };
  Scan scan = scan_steps(answers, stage, deadline, visit);
  scan.bytes += first.bytes;
  return with_scan("samples", std::move(samples), scan);
}

}  // namespace reckon::watch
