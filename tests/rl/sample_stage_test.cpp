#include "rl/sample.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/json.h"
#include "core/jsonl.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

std::vector<SampleRow> samples(const SmallRun& run) {
  return read_samples(run.stage_folder() / "samples.jsonl");
}

std::vector<json> dropped(const SmallRun& run) {
  std::vector<json> lines;
  for_each_jsonl(run.stage_folder() / "dropped.jsonl",
                 [&](const json& line, uint64_t) { lines.push_back(line); });
  return lines;
}

SampleSummary summary(const SmallRun& run) { return read_sample_summary(run.stage_folder()); }

std::pair<uint32_t, uint32_t> place(const SampleRow& row) { return {row.prompt_index, row.sample}; }

tests::ThrownError run_error(const SmallRun& run, const json& settings, OnDraw on_draw = {}) {
  return tests::thrown_by([&] {
    Hooks hooks;
    hooks.on_draw = std::move(on_draw);
    run.sample(small_sample(settings), std::move(hooks));
  });
}

}  // namespace

TEST_CASE("every completion is in one of the two files, in the order of problem and sample") {
  const SmallRun run;
  REQUIRE(run.sample(small_sample(json::object())) == StageEnd::finished);
  const auto kept = samples(run);
  const auto rest = dropped(run);
  CHECK(kept.size() > 5);
  CHECK(rest.size() > 5);
  std::set<std::pair<uint32_t, uint32_t>> places;
  for (size_t i = 0; i < kept.size(); ++i) {
    CHECK((i == 0 || place(kept[i - 1]) < place(kept[i])));
    CHECK(kept[i].rewards.at("random") == 1.0);
    places.insert(place(kept[i]));
  }
  for (const json& line : rest) {
    CHECK((line.at("dropped") == "incorrect" || line.at("dropped") == "duplicate"));
    places.insert({line.at("prompt_index").get<uint32_t>(), line.at("sample").get<uint32_t>()});
  }
  CHECK(places.size() == 36);
  CHECK(kept.size() + rest.size() == 36);
}

TEST_CASE("kept samples hold the ids and the text of their problem") {
  const SmallRun run;
  run.sample(small_sample(json::object()));
  const auto policy = small_policy(run.seed);
  const auto task = small_task();
  for (const auto& row : samples(run)) {
    const auto problem = task->at(row.prompt_index);
    CHECK(row.prompt == problem.prompt);
    CHECK(row.prompt_ids == policy.tokenizer->encode(problem.prompt));
    CHECK(row.completion == policy.tokenizer->decode(row.completion_ids));
    CHECK(row.difficulty == problem.difficulty);
    CHECK(*row.columns == *problem.columns);
  }
}

TEST_CASE("the summary counts what the files hold") {
  const SmallRun run;
  run.sample(small_sample({{"group_by", {"target"}}, {"max_per_prompt", 1}}));
  const auto found = summary(run);
  const auto kept = samples(run);
  const auto rest = dropped(run);
  CHECK(found.tokenizer == tokenizer_fingerprint(*small_policy().tokenizer));
  CHECK(found.prompts == 18);
  CHECK(found.drawn == 36);
  CHECK(found.kept == std::ssize(kept));
  CHECK(found.rows == std::ssize(kept));
  int64_t tokens = 0, correct = 0, kept_tokens = 0;
  std::map<std::string, int64_t> reasons;
  for (const auto& row : kept) kept_tokens += std::ssize(row.completion_ids);
  for (const json& line : rest) {
    tokens += line.at("num_tokens").get<int64_t>();
    correct += line.at("rewards").at("random") == 1.0;
    ++reasons[line.at("dropped").get<std::string>()];
  }
  CHECK(found.dropped == reasons);
  CHECK(reasons.contains("over_max_per_prompt"));
  CHECK(found.correct == std::ssize(kept) + correct);
  CHECK(found.num_tokens_kept == kept_tokens);
  CHECK(found.num_tokens == kept_tokens + tokens);
  for (const char* column : {"difficulty", "target"}) {
    CAPTURE(column);
    ClassCount sum;
    for (const auto& [name, count] : found.by.at(column)) {
      sum.drawn += count.drawn;
      sum.kept += count.kept;
    }
    CHECK(sum == ClassCount{36, std::ssize(kept)});
  }
}

TEST_CASE("samples depend neither on batches nor on threads") {
  const SmallRun first, other;
  SmallRun threaded;
  threaded.threads = 2;
  first.sample(small_sample(json::object()));
  other.sample(small_sample({{"prompts_per_batch", 7}}));
  threaded.sample(small_sample({{"prompts_per_batch", 100}}));
  for (const char* name : {"samples.jsonl", "dropped.jsonl", "summary.json"}) {
    CAPTURE(name);
    CHECK(other.stage_file(name) == first.stage_file(name));
    CHECK(threaded.stage_file(name) == first.stage_file(name));
  }
  SmallRun reseeded;
  reseeded.seed = 8;
  reseeded.sample(small_sample(json::object()));
  CHECK(reseeded.stage_file("samples.jsonl") != first.stage_file("samples.jsonl"));
}

TEST_CASE("more problems are a continuation of fewer") {
  const SmallRun few, more;
  few.sample(small_sample({{"num_prompts", 8}}));
  more.sample(small_sample({{"num_prompts", 11}}));
  CHECK(more.stage_file("samples.jsonl").starts_with(few.stage_file("samples.jsonl")));
}

TEST_CASE("rounds of new problems follow until enough is kept") {
  const SmallRun once, wanting;
  once.sample(small_sample(json::object()));
  const int64_t in_one_round = summary(once).kept;
  wanting.sample(small_sample({{"min_kept", in_one_round + 1}}));
  CHECK(summary(wanting).prompts == 36);
  CHECK(summary(wanting).kept > in_one_round);
  CHECK(wanting.stage_file("samples.jsonl").starts_with(once.stage_file("samples.jsonl")));
  CHECK(samples(wanting).back().prompt_index >= 18);
}

TEST_CASE("the last round is the last, however little was kept") {
  const SmallRun run;
  const json none_right = {{"rewards", {{{"kind", "random"}, {"probability", 0.1}}}},
                           {"min_kept", 60},
                           {"max_rounds", 2}};
  CHECK(run.sample(small_sample(none_right)) == StageEnd::finished);
  CHECK(summary(run).prompts == 36);
  CHECK(summary(run).kept < 60);
  CHECK(summary(run).kept > 0);
}

TEST_CASE("rounds follow until every class has enough") {
  const SmallRun once, wanting;
  once.sample(small_sample(json::object()));
  int64_t smallest = 1000;
  for (const auto& [name, count] : summary(once).by.at("difficulty")) {
    smallest = std::min(smallest, count.kept);
  }
  wanting.sample(small_sample(
      {{"min_kept_per_class", smallest + 1}, {"class_column", "difficulty"}, {"max_rounds", 20}}));
  const auto found = summary(wanting);
  CHECK(found.prompts > 18);
  CHECK(found.prompts % 18 == 0);
  for (const auto& [name, count] : found.by.at("difficulty")) {
    CAPTURE(name);
    CHECK(count.kept > smallest);
  }
}

TEST_CASE("no class has more than is allowed, in one round or several") {
  const SmallRun once, rounds;
  once.sample(small_sample({{"max_kept_per_class", 2}, {"class_column", "difficulty"}}));
  rounds.sample(small_sample({{"max_kept_per_class", 2},
                              {"class_column", "difficulty"},
                              {"min_kept", 1000},
                              {"max_rounds", 60}}));
  for (const SmallRun* run : {&once, &rounds}) {
    const auto found = summary(*run);
    CHECK(found.dropped.at("over_max_per_class") > 0);
    for (const auto& [name, count] : found.by.at("difficulty")) CHECK(count.kept <= 2);
  }
}

TEST_CASE("samples of smaller classes are repeated to the number of the largest") {
  const SmallRun plain, balanced;
  plain.sample(small_sample(json::object()));
  balanced.sample(small_sample({{"balance_by", "difficulty"}}));
  std::map<std::string, int64_t> rows;
  std::vector<SampleRow> distinct;
  for (auto& row : samples(balanced)) {
    ++rows[row.difficulty];
    if (distinct.empty() || place(distinct.back()) != place(row)) distinct.push_back(row);
  }
  REQUIRE(rows.size() > 1);
  int64_t largest = 0, smallest = 1000;
  for (const auto& [name, count] : summary(plain).by.at("difficulty")) {
    largest = std::max(largest, count.kept);
    if (count.kept > 0) smallest = std::min(smallest, count.kept);
  }
  REQUIRE(smallest < largest);
  for (const auto& [name, count] : rows) CHECK(count == largest);
  CHECK(distinct.size() == samples(plain).size());
  CHECK(summary(balanced).kept == summary(plain).kept);
  CHECK(summary(balanced).rows == largest * std::ssize(rows));
  CHECK(balanced.stage_file("dropped.jsonl") == plain.stage_file("dropped.jsonl"));
}

TEST_CASE("a stage that keeps nothing fails and says what was dropped and what to change") {
  const SmallRun run;
  const json never = {{"rewards", {{{"kind", "random"}, {"probability", 0.0}}}}};
  const auto error = run_error(run, never);
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("none of 36 (36 incorrect), in stage only"));
  CHECK(error.says("num_prompts"));
  CHECK(error.says("dropped.jsonl"));
  CHECK(dropped(run).size() == 36);
  CHECK_FALSE(std::filesystem::exists(run.stage_folder() / "samples.jsonl"));
  CHECK_FALSE(std::filesystem::exists(run.stage_folder() / "summary.json"));
  // The same again, without sampling again.
  int64_t draws = 0;
  CHECK(run_error(run, never, [&](uint64_t) { ++draws; }).text == error.text);
  CHECK(draws == 0);
}

TEST_CASE("a column that no problem has is refused before anything is sampled") {
  const auto refusal = [](const json& settings) {
    return tests::thrown_by([&] {
      check_sample_columns(small_sample(settings), *small_task(), "r.json /stages/3");
    });
  };
  for (const char* key : {"balance_by", "class_column"}) {
    const auto error = refusal({{key, "langauge"}});
    CHECK(error.code == ErrorCode::invalid_argument);
    CHECK(error.says("\"langauge\""));
    CHECK(error.says(fmt::format("r.json /stages/3/{}", key)));
  }
  CHECK(refusal({{"group_by", {"nums", "langauge"}}}).says("\"langauge\""));
  CHECK(refusal({{"group_by", {"nums"}}, {"balance_by", "difficulty"}}).text == "nothing thrown");
}

TEST_CASE("rules that name no reward of the stage are refused before anything is sampled") {
  const SmallRun run;
  CHECK(run_error(run, {{"keep", {{{"reward", "language"}, {"min", 1}}}}}).says("\"language\""));
}

TEST_CASE("every batch has a line of metrics") {
  const SmallRun run;
  run.sample(small_sample(json::object()));
  const auto lines = run.objects("metrics");
  REQUIRE(lines.size() == 5);
  int64_t drawn = 0, kept = 0, step = 0;
  for (const json& line : lines) {
    CHECK(line.at("stage") == "only");
    CHECK(line.at("kind") == "sample");
    CHECK(line.at("step") == ++step);
    drawn += line.at("drawn").get<int64_t>();
    kept += line.at("kept").get<int64_t>();
    CHECK(line.at("kept_frac").get<double>() ==
          line.at("kept").get<double>() / line.at("drawn").get<double>());
    CHECK(line.at("accuracy").get<double>() >= line.at("kept_frac").get<double>());
  }
  CHECK(lines.back().at("drawn") == 4);  // 18 problems in batches of 4
  const auto found = summary(run);
  CHECK(drawn == found.drawn);
  CHECK(kept == found.kept);
  CHECK(lines.back().at("num_tokens") == found.num_tokens);
  CHECK(run.lines("completions").empty());
}
