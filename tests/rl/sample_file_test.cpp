#include "rl/sample_file.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

const json kLine = {{"prompt_index", 17},
                    {"sample", 1},
                    {"prompt", "a b"},
                    {"completion", "c <eos>"},
                    {"prompt_ids", {3, 4}},
                    {"completion_ids", {5, 1}},
                    {"rewards", {{"countdown", 1.0}, {"language", nullptr}}},
                    {"reward", 1.0},
                    {"extracted", "c"},
                    {"gold", "d"},
                    {"columns", {{"language", "ko"}}},
                    {"difficulty", "easy"}};

// What reading a file of `text` throws.
tests::ThrownError read_error(const std::string& text) {
  const TempFolder folder;
  write_file_atomic(folder.path() / "samples.jsonl", text);
  return tests::thrown_by([&] { read_samples(folder.path() / "samples.jsonl"); });
}

// What reading the good line, changed by `change`, throws.
tests::ThrownError member_error(const json& change) {
  json line = kLine;
  line.update(change);
  return tests::thrown_by([&] { read_sample(line, "FILE line 2"); });
}

std::string fingerprint(std::vector<std::string> words, const std::string& eos = "<eos>") {
  return tokenizer_fingerprint(
      *policy::make_word_level_tokenizer(std::move(words), "<bos>", eos, "<pad>"));
}

}  // namespace

TEST_CASE("a kept completion comes back from its line") {
  const Scorer scorer({{{"kind", "random"}, {"name", "right"}}, {{"kind", "format"}}}, "/rewards",
                      "recipe");
  ScoredGroup group;
  group.problem = small_task()->at(5);
  group.prompt_ids = {3, 4};
  group.completions.resize(2);
  ScoredCompletion& sample = group.completions[1];
  sample.completion.ids = {7, 8, 9};
  sample.text = "\xec\x95\x88 <eos>";
  sample.reward = 0.1 + 0.2;
  sample.scores = {{0.1 + 0.2, "4 + 4", "8", "close"}, {std::nullopt, "", "", ""}};
  const auto row =
      read_sample(parse_json_text(json_text(kept_line(group, 1, scorer)), "line"), "line");
  CHECK(row.prompt_index == 5);
  CHECK(row.sample == 1);
  CHECK(row.prompt == group.problem.prompt);
  CHECK(row.completion == sample.text);
  CHECK(row.prompt_ids == group.prompt_ids);
  CHECK(row.completion_ids == sample.completion.ids);
  CHECK(row.reward == 0.1 + 0.2);
  CHECK(row.rewards.at("right") == 0.1 + 0.2);
  CHECK_FALSE(row.rewards.at("format").has_value());
  CHECK(row.extracted == "4 + 4");
  CHECK(row.gold == "8");
  CHECK(row.difficulty == group.problem.difficulty);
  CHECK(*row.columns == *group.problem.columns);
  const json dropped = dropped_line(group, 1, scorer, "incorrect");
  CHECK(dropped.at("dropped") == "incorrect");
  CHECK(dropped.at("num_tokens") == 3);
  CHECK_FALSE(dropped.contains("completion_ids"));
  CHECK_FALSE(dropped.contains("prompt_ids"));
}

TEST_CASE("a broken line of a samples file is named by file and line") {
  const std::string good = json_text(kLine) + "\n";
  const auto torn = read_error(good + good.substr(0, 40));
  CHECK(torn.code == ErrorCode::corrupt);
  CHECK(torn.says("samples.jsonl"));
  const auto other = read_error(good + good + "{\"prompt\": \"a\"}\n");
  CHECK(other.code == ErrorCode::corrupt);
  CHECK(other.says("samples.jsonl line 3"));
  CHECK(read_error(good + "[1]\n").says("samples.jsonl line 2"));
  CHECK(read_error(good + good).text == "nothing thrown");
  CHECK(tests::thrown_by([] { read_samples("/nowhere/samples.jsonl"); }).code ==
        ErrorCode::not_found);
}

TEST_CASE("members of a sample that have another type are named") {
  CHECK(member_error(json::object()).text == "nothing thrown");
  for (const auto& [change, part] : std::vector<std::pair<json, std::string>>{
           {{{"prompt_ids", {1, -1}}}, "FILE line 2 prompt_ids"},
           {{{"prompt_ids", {1, 0.5}}}, "FILE line 2 prompt_ids"},
           {{{"prompt_ids", {1, 4294967296}}}, "FILE line 2 prompt_ids"},
           {{{"completion_ids", json::array()}}, "FILE line 2 completion_ids"},
           {{{"completion_ids", "5 1"}}, "FILE line 2 completion_ids"},
           {{{"prompt_index", -1}}, "FILE line 2 prompt_index"},
           {{{"completion", nullptr}}, "FILE line 2 completion"},
           {{{"reward", "1"}}, "FILE line 2 reward"},
           {{{"rewards", {{"countdown", "1"}}}}, "FILE line 2 rewards/countdown"},
           {{{"columns", nullptr}}, "FILE line 2 columns"}}) {
    CAPTURE(part);
    const auto error = member_error(change);
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.says(part));
  }
}

TEST_CASE("a summary comes back, and a broken one is refused") {
  SampleSummary summary;
  summary.tokenizer = "0123456789abcdef";
  summary.prompts = 5;
  summary.drawn = 10;
  summary.correct = 7;
  summary.kept = 4;
  summary.rows = 6;
  summary.prompt_tokens = 40;
  summary.num_tokens = 1012;
  summary.num_tokens_kept = 316;
  summary.dropped = {{"incorrect", 3}, {"rewards/language", 3}};
  summary.by["language"] = {{"en", {6, 3}}, {"ko", {4, 1}}};
  const TempFolder folder;
  const json written = write_summary(summary);
  CHECK(written.at("mean_length") == 101.2);
  CHECK(written.at("mean_length_kept") == 79.0);
  write_file_atomic(folder.path() / "summary.json", json_text(written));
  CHECK(read_sample_summary(folder.path()) == summary);
  for (const char* key : {"tokenizer", "drawn", "dropped", "by"}) {
    CAPTURE(key);
    json broken = written;
    broken[key] = -1;
    const auto error = tests::thrown_by([&] { read_summary(broken, "summary.json"); });
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.says(std::string("summary.json ") + key));
  }
  CHECK(write_summary(SampleSummary{}).at("mean_length_kept").is_null());
}

TEST_CASE("tokenizers have one fingerprint if their ids mean the same") {
  const std::vector<std::string> words = {"<bos>", "<eos>", "<pad>", "a", "b", "<end>"};
  const std::string print = fingerprint(words);
  CHECK(print.size() == 16);
  CHECK(fingerprint(words) == print);
  auto swapped = words;
  std::swap(swapped[3], swapped[4]);
  CHECK(fingerprint(swapped) != print);
  auto longer = words;
  longer.push_back("c");
  CHECK(fingerprint(longer) != print);
  CHECK(fingerprint(words, "<end>") != print);
}

TEST_CASE("a tokenizer that was saved has the same fingerprint") {
  const auto policy = small_policy();
  const TempFolder folder;
  policy.tokenizer->save(folder.path());
  CHECK(tokenizer_fingerprint(*policy::load_tokenizer(folder.path())) ==
        tokenizer_fingerprint(*policy.tokenizer));
}
