#include "rewards/grade.h"

#include <fmt/format.h>

#include <functional>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "core/error.h"
#include "core/json.h"

namespace reckon::rewards {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// One line of the input.
struct Case {
  std::string problem;  ///< why it is no case; empty if it is one
  std::string prompt;
  std::string completion;
  json columns;
  bool bare_answer = false;
  bool truncated = false;
  int64_t num_tokens = 0;
  int64_t max_tokens = 0;

  RewardInput input() const {
    RewardInput input{prompt, completion, truncated, columns, {}, num_tokens, max_tokens};
    input.bare_answer = bare_answer;
    return input;
  }
};

Case bad_case(std::string problem) {
  Case bad;
  bad.problem = std::move(problem);
  return bad;
}

/// Reads `key` into `value` if it is there; what is wrong with it, or an empty text.
template <class T>
std::string take(const json& object, const char* key, json::value_t type, const char* expected,
                 T& value) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  // JSON has one kind of whole numbers; the library has two.
  const bool whole = type == json::value_t::number_integer && found->is_number_integer();
  if (found->type() != type && !whole) {
    return fmt::format("expected {}, got {}, in {}", expected, json_summary(*found), key);
  }
  value = found->get<T>();
  return "";
}

/// The text that is graded; what is wrong, or an empty text.
std::string take_completion(json& object, Case& found) {
  if (object.contains("completion")) {
    return take(object, "completion", json::value_t::string, "a text", found.completion);
  }
  const auto answer = object.find("answer");
  if (answer == object.end()) return "expected completion or answer, got neither";
  if (!answer->is_string() && !answer->is_number()) {
    return fmt::format("expected a text or a number, got {}, in answer", json_summary(*answer));
  }
  found.completion = answer->is_string() ? answer->get<std::string>() : json_text(*answer);
  found.bare_answer = true;
  // It is what is graded, never what it is compared with.
  object.erase(answer);
  return "";
}

Case read_case(const std::string& line, uint64_t number, const GradeOptions& options) {
  Case found;
  found.max_tokens = options.max_tokens;
  try {
    found.columns = parse_json_text(line, options.source, false, number);
  } catch (const Error& error) {
    return bad_case(error.what());
  }
  json& object = found.columns;
  if (!object.is_object()) {
    return bad_case(fmt::format("expected an object, got {}, in {} line {}", json_summary(object),
                                options.source, number));
  }
  const std::string problems[] = {
      take_completion(object, found),
      take(object, "prompt", json::value_t::string, "a text", found.prompt),
      take(object, "truncated", json::value_t::boolean, "true or false", found.truncated),
      take(object, "num_tokens", json::value_t::number_integer, "an integer", found.num_tokens),
      take(object, "max_tokens", json::value_t::number_integer, "an integer", found.max_tokens)};
  for (const std::string& problem : problems) {
    if (!problem.empty()) {
      return bad_case(fmt::format("{}, in {} line {}", problem, options.source, number));
    }
  }
  return found;
}

ordered_json verdict_line(const RewardResult& result) {
  return {{"score", result.value ? ordered_json(*result.value) : ordered_json()},
          {"extracted", result.extracted},
          {"gold", result.gold},
          {"reason", result.reason}};
}

/// Gives one line for each of the inputs.
using Score = std::function<std::vector<ordered_json>(std::span<const RewardInput>)>;

/// Reads, scores and writes, window by window.
class Grader {
 public:
  Grader(Score score, ordered_json bad_line, std::ostream& out, std::ostream& problems,
         const GradeOptions& options)
      : score_(std::move(score)),
        bad_line_(std::move(bad_line)),
        out_(out),
        problems_(problems),
        options_(options) {}

  GradeCounts run(std::istream& in) {
    std::vector<Case> window;
    size_t bytes = 0;
    std::string line;
    for (uint64_t number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      window.push_back(read_case(line, number, options_));
      bytes += line.size();
      if (window.size() < options_.window && bytes < options_.window_bytes) continue;
      write(window);
      window.clear();
      bytes = 0;
    }
    check(!in.bad(), ErrorCode::io, "expected lines, got an error of reading, in {}",
          options_.source);
    write(window);
    return counts_;
  }

 private:
  void write(const std::vector<Case>& window) {
    std::vector<RewardInput> inputs;
    for (const Case& entry : window) {
      if (entry.problem.empty()) inputs.push_back(entry.input());
    }
    const std::vector<ordered_json> lines = score_(inputs);
    auto next = lines.begin();
    for (const Case& entry : window) {
      const bool bad = !entry.problem.empty();
      if (bad) problems_ << entry.problem << '\n';
      put(bad ? bad_line_ : *next++);
      ++(bad ? counts_.bad : counts_.graded);
    }
    out_.flush();
    check(out_.good(), ErrorCode::io, "expected room for the verdicts, got an error of writing");
  }

  void put(const ordered_json& line) {
    out_ << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  }

  Score score_;
  ordered_json bad_line_;
  std::ostream& out_;
  std::ostream& problems_;
  GradeOptions options_;
  GradeCounts counts_;
};

const char* const kBadLine = "bad_line";

std::vector<ordered_json> score_with_all(std::span<const std::unique_ptr<Reward>> rewards,
                                         std::span<const RewardInput> inputs) {
  std::vector<ordered_json> lines(inputs.size(),
                                  {{"score", nullptr}, {"rewards", ordered_json::object()}});
  std::vector<std::optional<double>> sums(inputs.size());
  for (const auto& reward : rewards) {
    const std::vector<RewardResult> results = reward->score_applicable(inputs);
    for (size_t i = 0; i < results.size(); ++i) {
      lines[i]["rewards"][reward->name()] = verdict_line(results[i]);
      if (results[i].value) {
        sums[i] = sums[i].value_or(0.0) + reward->weight() * *results[i].value;
      }
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (sums[i]) lines[i]["score"] = *sums[i];
  }
  return lines;
}

}  // namespace

GradeCounts grade_cases(const Reward& reward, std::istream& in, std::ostream& out,
                        std::ostream& problems, const GradeOptions& options) {
  const auto score = [&reward](std::span<const RewardInput> inputs) {
    std::vector<ordered_json> lines;
    for (const RewardResult& result : reward.score_applicable(inputs)) {
      lines.push_back(verdict_line(result));
    }
    return lines;
  };
  return Grader(score, verdict_line({std::nullopt, "", "", kBadLine}), out, problems, options)
      .run(in);
}

GradeCounts grade_cases(std::span<const std::unique_ptr<Reward>> rewards, std::istream& in,
                        std::ostream& out, std::ostream& problems, const GradeOptions& options) {
  const auto score = [rewards](std::span<const RewardInput> inputs) {
    return score_with_all(rewards, inputs);
  };
  return Grader(score,
                {{"score", nullptr}, {"rewards", ordered_json::object()}, {"reason", kBadLine}},
                out, problems, options)
      .run(in);
}

}  // namespace reckon::rewards
