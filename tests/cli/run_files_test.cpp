// What a run leaves behind is what docs/formats.md says.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "core/event_file.h"
#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "tests/cli/reference_run.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;

namespace {

// A row of the table of metrics.
struct MetricRow {
  std::vector<std::string> keys;
  std::string kinds;
  std::string meaning;
};

std::vector<std::string> words_in_quotes(const std::string& cell) {
  static const std::regex kQuoted("`([^`]+)`");
  std::vector<std::string> words;
  for (std::sregex_iterator i(cell.begin(), cell.end(), kQuoted), end; i != end; ++i) {
    words.push_back((*i)[1]);
  }
  return words;
}

// Keys after the first are short where they share its group: `completions/mean_length`,
// `min_length`, and `/max` beside `.../mean`.
std::vector<std::string> full_keys(std::vector<std::string> keys) {
  const size_t slash = keys.front().rfind('/');
  for (size_t i = 1; i < keys.size() && slash != std::string::npos; ++i) {
    if (keys[i].front() == '/') {
      keys[i] = keys.front().substr(0, slash) + keys[i];
    } else if (keys[i].find('/') == std::string::npos) {
      keys[i] = keys.front().substr(0, slash + 1) + keys[i];
    }
  }
  return keys;
}

std::vector<MetricRow> documented_metrics() {
  std::istringstream lines(read_file("docs/formats.md"));
  std::vector<MetricRow> rows;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(2));
    MetricRow row;
    std::string keys;
    std::getline(cells, keys, '|');
    std::getline(cells, row.kinds, '|');
    std::getline(cells, row.meaning, '|');
    row.keys = full_keys(words_in_quotes(keys));
    rows.push_back(row);
  }
  return rows;
}

std::vector<json> lines_of(const char* file) {
  std::vector<json> lines;
  for_each_jsonl(
      reference_run().run() / file, [&](const json& line, uint64_t) { lines.push_back(line); },
      JsonlMode::strict);
  return lines;
}

void check_keys(const json& line, const std::vector<std::string>& keys) {
  for (const auto& key : keys) CHECK_MESSAGE(line.contains(key), key);
}

// Names that stand for several: one key for each reward of the recipe.
std::vector<std::string> for_each_reward(const std::string& key) {
  const size_t name = key.find("NAME");
  if (name == std::string::npos) return {key};
  std::vector<std::string> keys;
  for (const char* reward : {"countdown", "format"}) {
    keys.push_back(std::string(key).replace(name, 4, reward));
  }
  return keys;
}

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("metrics.jsonl has the keys that docs/formats.md promises for each kind of stage") {
    const auto rows = documented_metrics();
    CHECK(rows.size() > 20);
    std::map<std::string, int> kinds;
    for (const json& line : lines_of("metrics.jsonl")) {
      CAPTURE(line["step"].get<int>());
      check_keys(line, {"stage", "kind", "step", "num_tokens", "step_time", "memory/peak"});
      const auto kind = line["kind"].get<std::string>();
      ++kinds[kind];
      if (kind != "sample") {
        check_keys(line, {"loss", "grad_norm", "learning_rate", "time/update",
                          "tokens_per_second/update"});
      }
      for (const MetricRow& row : rows) {
        if (row.kinds.find(kind) == std::string::npos) continue;
        // No stage of this run has such a loss.
        if (row.meaning.find("only with `loss_type`") != std::string::npos) continue;
        // "...; only if `beta` > 0" and "only with `dynamic_sampling`": the stage "more" has both.
        const bool conditional = row.meaning.find("; only if") != std::string::npos ||
                                 row.meaning.find("only with") != std::string::npos;
        for (const std::string& short_key : row.keys) {
          for (const std::string& key : for_each_reward(short_key)) {
            const bool wanted = !conditional || line["stage"] == "more";
            CHECK_MESSAGE(line.contains(key) == wanted, key);
          }
        }
      }
    }
    CHECK(kinds["pretrain"] == 12);
    CHECK(kinds["grpo"] == 20);
    CHECK(kinds["sample"] == 5);
    CHECK(kinds["sft"] > 0);
    CHECK(kinds["distill"] == 6);
  }

  TEST_CASE("every key in metrics.jsonl is explained in docs/formats.md") {
    std::set<std::string> known = {"stage",     "kind",          "step",       "loss",
                                   "grad_norm", "learning_rate", "num_tokens", "step_time"};
    for (const MetricRow& row : documented_metrics()) {
      for (const std::string& key : row.keys) known.merge(std::set<std::string>{key});
    }
    std::set<std::string> unknown;
    for (const json& line : lines_of("metrics.jsonl")) {
      for (const auto& [key, value] : line.items()) {
        const bool of_reward = key.starts_with("rewards/");
        const size_t last = key.rfind('/');
        const std::string name = of_reward ? "rewards/NAME" + key.substr(last) : key;
        if (!known.contains(name)) unknown.insert(key);
      }
    }
    std::string text;
    for (const auto& key : unknown) text += key + " ";
    CHECK(text == "");
  }

  TEST_CASE("completions.jsonl and evals.jsonl hold what docs/formats.md shows") {
    const auto completions = lines_of("completions.jsonl");
    CHECK(completions.size() == (6 + 8) * 4 * 4 + 6 * 4 * 2);
    for (const json& line : completions) {
      check_keys(line, {"stage", "step", "prompt_index", "sample", "prompt", "completion",
                        "num_tokens", "finish_reason", "rewards", "reward", "advantage",
                        "extracted", "gold", "reason", "columns"});
    }
    const auto evals = lines_of("evals.jsonl");
    CHECK(evals.size() == 4 + 3 + 3 + 5);
    for (const json& line : evals) {
      check_keys(line,
                 {"stage", "policy", "step", "data", "num_prompts", "sampling", "accuracy",
                  "accuracy_interval", "mean_length", "length_p10", "length_p50", "length_p90",
                  "accuracy_greedy", "accuracy_greedy_interval", "mean_length_greedy",
                  "clipped_ratio", "reflection/wait", "by_difficulty", "trace"});
      CHECK(line.contains("prompts") == (line["stage"] == "exam"));
    }
  }

  TEST_CASE("recipe.json and status.json hold what docs/formats.md shows") {
    const auto run = reference_run().run();
    const json recipe = read_json_file(run / "recipe.json");
    check_keys(recipe, {"recipe", "hash", "version", "device", "threads", "command"});
    CHECK(recipe["threads"] == 2);
    CHECK(recipe["hash"].get<std::string>().size() == 16);
    CHECK(recipe["recipe"]["stages"].size() == 7);
    const json status = read_json_file(run / "status.json");
    check_keys(status, {"stage", "stage_index", "num_stages", "step", "max_steps", "phase",
                        "heartbeat", "state"});
    CHECK(status["state"] == "finished");
    CHECK(status["num_stages"] == 7);
  }

  TEST_CASE("a run leaves an event file and a report that loads nothing from elsewhere") {
    const auto run = reference_run().run();
    const std::string events = read_file(run / "events" / EventFileWriter::kFileName);
    CHECK(events.size() > 10000);
    // The first step already has them, however seldom evaluations are.
    CHECK(events.find("/completions/length") != std::string::npos);
    CHECK(events.find("Answer\n\n    ") != std::string::npos);
    const std::string page = read_file(run / "report.html");
    CHECK(page.find("</html>") != std::string::npos);
    CHECK(page.find("small") != std::string::npos);
    static const std::regex kLoad(R"((src|href)\s*=\s*["']?\s*(https?:)?//)", std::regex::icase);
    CHECK_FALSE(std::regex_search(page, kLoad));
    CHECK(page.find("@import") == std::string::npos);
    CHECK(page.find("url(http") == std::string::npos);
  }
}
