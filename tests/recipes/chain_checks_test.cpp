// What can be wrong between the stages of a chain, told before any of them is computed.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "recipes/recipe.h"
#include "recipes/run.h"
#include "tests/recipes/recipe_files.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kZero = 1, kPicked = 2, kTuned = 3, kPupil = 4, kStudent = 5, kEqual = 6, kExam = 7;

struct Case {
  int stage;
  std::string key;
  json value;  // null takes the key away
  std::string message;
};

// What the chain is refused with after a change to one key of a stage.
ThrownError refused_chain(int stage, const std::string& key, const json& value) {
  json document = chain_recipe();
  json& object = document["stages"][static_cast<size_t>(stage)];
  if (value.is_null()) {
    object.erase(key);
  } else {
    object[json::json_pointer("/" + key)] = value;
  }
  return refused_run(document);
}

// The whole message is expected, so that a change of its words is seen.
void check_cases(const std::vector<Case>& cases) {
  for (const auto& [stage, key, value, message] : cases) {
    CHECK(refused_chain(stage, key, value).text ==
          message + fmt::format(", in r.json /stages/{}/{}", stage, key));
  }
}

// A model folder whose tokenizer has 18 words.
void make_word_model(const fs::path& folder) {
  for (const char* name : {"config.json", "model.safetensors"}) {
    fs::copy_file(fs::path("tests/golden/model_llama_tiny") / name, folder / name);
  }
  for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) {
    fs::copy_file(fs::path("tests/golden/tokenizer_words") / name, folder / name);
  }
}

json mixture(const json& second) {
  return {{"kind", "mixture"},
          {"parts",
           {{{"name", "easy"}, {"task", {{"kind", "countdown"}}}},
            {{"name", "hard"}, {"task", second}}}}};
}

}  // namespace

TEST_CASE("chain: the recipe that the other cases break can be run") {
  CHECK(refused_run(chain_recipe()).text == "nothing thrown");
}

TEST_CASE("chain: a stage that starts from what is not there, comes later, or is itself") {
  const std::string model = "expected an earlier stage or a model folder, got ";
  check_cases({
      {kZero, "policy", "bass", model + "\"bass\""},
      {kPicked, "policy", "nobody", model + "\"nobody\""},
      {kPupil, "teacher", "nobody", model + "\"nobody\""},
      {kStudent, "policy", "tests/recipes", model + "\"tests/recipes\""},
      {kZero, "policy", "tuned", "expected an earlier stage, got \"tuned\""},
      {kTuned, "policy", "tuned", "expected an earlier stage, got \"tuned\""},
      {kPupil, "teacher", "pupil", "expected an earlier stage, got \"pupil\""},
      {kPupil, "teacher", "equal", "expected an earlier stage, got \"equal\""},
      {kEqual, "budget_of", "nobody", "expected an earlier stage, got \"nobody\""},
      {kEqual, "budget_of", "exam", "expected an earlier stage, got \"exam\""},
      {kEqual, "budget_of", "equal", "expected an earlier stage, got \"equal\""},
  });
}

TEST_CASE("chain: two stages that start from each other") {
  json document = chain_recipe();
  document["stages"][kZero]["policy"] = "tuned";
  document["stages"][kTuned]["policy"] = "zero";
  CHECK(refused_run(document).text ==
        "expected an earlier stage, got \"tuned\", in r.json /stages/1/policy");
}

TEST_CASE("chain: a stage that makes something else than what is wanted") {
  const std::string model = "expected a stage that makes a model, got the ";
  json document = chain_recipe();
  document["stages"].push_back(document["stages"][kZero]);
  document["stages"].back().update({{"name", "more"}, {"policy", "exam"}});
  CHECK(refused_run(document).text == model + "eval stage \"exam\", in r.json /stages/8/policy");
  document["stages"].back()["policy"] = "picked";
  CHECK(refused_run(document).text ==
        model + "sample stage \"picked\", in r.json /stages/8/policy");
  check_cases({{kPupil, "teacher", "picked", model + "sample stage \"picked\""},
               {kTuned, "datasets/0/samples", "zero",
                "expected a sample stage, got the grpo stage \"zero\""},
               {kTuned, "datasets/0/samples", "nobody",
                "expected an earlier sample stage or a file of samples, got \"nobody\""}});
}

TEST_CASE("chain: a teacher that is missing or has another tokenizer than the student") {
  CHECK(refused_chain(kPupil, "teacher", nullptr).text ==
        "expected an earlier stage or a model folder, got none, in r.json /stages/4/teacher");
  CHECK(refused_chain(kStudent, "teacher", "zero").text ==
        "expected no teacher with method samples, whose teacher is who sampled, got \"zero\", in "
        "r.json /stages/5/teacher");

  json document = chain_recipe();
  document["stages"][kZero] = {{"name", "zero"},
                               {"kind", "pretrain"},
                               {"corpus", {{"kind", "instructed-traces"}}},
                               {"max_steps", 5}};
  document["stages"][kPicked]["policy"] = "base";
  const auto stage = refused_run(document);
  CHECK(stage.code == ErrorCode::invalid_argument);
  CHECK_MESSAGE(stage.says("expected a teacher with the student's tokenizer of "), stage.text);
  CHECK_MESSAGE(stage.says(", in r.json /stages/4/teacher"), stage.text);

  const TempFolder folder;
  make_word_model(folder.path());
  const auto model = refused_chain(kPupil, "teacher", folder.path().string());
  CHECK(model.code == ErrorCode::invalid_argument);
  CHECK_MESSAGE(model.says("expected a teacher with the student's tokenizer of "), model.text);
  CHECK_MESSAGE(model.says("got one of 18, in r.json /stages/4/teacher"), model.text);
}

TEST_CASE("chain: rules about rewards that the stage does not have, or that keep nothing") {
  const auto rule = [](json value) { return json::array({std::move(value)}); };
  CHECK(refused_chain(kPicked, "keep", rule({{"reward", "language"}, {"min", 1}})).text ==
        "expected the name of a reward of the stage (countdown, format), got \"language\", in "
        "r.json /stages/2/keep/0/reward");
  CHECK(refused_chain(kPicked, "keep", rule({{"reward", "format"}})).text ==
        "expected min, max or both, got a rule that says nothing about format, in r.json "
        "/stages/2/keep/0");
  CHECK(refused_chain(kPicked, "keep", rule({{"reward", "format"}, {"min", 1}, {"max", 0}})).text ==
        "expected max to be at least min (1), got 0, in r.json /stages/2/keep/0/max");
  CHECK(refused_chain(kPicked, "min_kept", 1000).text ==
        "expected at most 32 (all completions of max_rounds rounds that may be kept), got 1000, in "
        "r.json /stages/2/min_kept");
}

TEST_CASE("chain: data sets that are none, are two, or cannot be read") {
  const TempFolder folder;
  const auto file = [&](const char* name, const std::string& text) {
    write_file_atomic(folder.path() / name, text);
    return (folder.path() / name).string();
  };
  const auto refused = [](const json& dataset) {
    return refused_chain(kTuned, "datasets", json::array({dataset}));
  };
  const std::string here = ", in r.json /stages/3/datasets";
  CHECK(refused_chain(kTuned, "datasets", nullptr).text ==
        "expected at least one data set, got none" + here);
  CHECK(refused_chain(kTuned, "datasets", json::array()).text ==
        "expected at least one data set, got none" + here);
  CHECK(refused(json::object()).text ==
        "expected one of samples, path and corpus, got 0 of them" + here + "/0");
  CHECK(refused({{"samples", "picked"}, {"path", "rows.jsonl"}}).text ==
        "expected one of samples, path and corpus, got 2 of them" + here + "/0");

  const std::string missing = (folder.path() / "missing.jsonl").string();
  const auto lost = refused({{"path", missing}});
  CHECK(lost.code == ErrorCode::not_found);
  CHECK_MESSAGE(lost.says(missing), lost.text);
  CHECK(refused({{"path", file("empty.jsonl", "")}}).text ==
        "expected documents, got none" + here + "/0");
  const std::string good = "{\"prompt\": \"1\", \"completion\": \"2\"}\n";
  const std::string broken = file("broken.jsonl", good + "{\"prompt\": \"1\", \"comple\n");
  CHECK_MESSAGE(refused({{"path", broken}}).says(broken + " line 2"),
                refused({{"path", broken}}).text);
  const std::string other =
      file("other.jsonl", good + "{\"question\": \"1\", \"answer\": \"2\"}\n");
  CHECK(refused({{"path", other}}).text ==
        "expected text in column `completion`, got no such column, in " + other + " line 2");
  CHECK(refused({{"path", other}, {"prompt_column", "question"}}).text ==
        "expected text in column `question`, got no such column, in " + other + " line 1");
}

TEST_CASE("chain: a mixture with a part that is no task, has no name of its own, or is empty") {
  const auto refused = [](const json& task) { return refused_chain(kZero, "task", task); };
  CHECK(refused(mixture({{"kind", "countdown"}})).text == "nothing thrown");
  const auto unknown = refused(mixture({{"kind", "chess"}}));
  CHECK_MESSAGE(unknown.says("r.json /stages/1/task/parts/1/task"), unknown.text);
  CHECK(refused(mixture({{"kind", "mixture"}})).text ==
        "expected a task that is no mixture, got one, in r.json /stages/1/task/parts/1/task");
  json twice = mixture({{"kind", "countdown"}});
  twice["parts"][1]["name"] = "easy";
  CHECK(refused(twice).text ==
        "expected a name of its own, got \"easy\", in r.json /stages/1/task/parts/1/name");
  CHECK(refused({{"kind", "mixture"}, {"parts", json::array()}}).text ==
        "expected at least one part, got none, in r.json /stages/1/task/parts");
  const auto data = refused(mixture({{"kind", "jsonl"}, {"path", "no-such-file.jsonl"}}));
  CHECK(data.code == ErrorCode::not_found);
  CHECK_MESSAGE(data.says("no-such-file.jsonl"), data.text);
}

TEST_CASE("chain: a reward for a part that the task does not have") {
  const auto refused = [](const json& task, const json& tasks) {
    json document = chain_recipe();
    document["stages"][kZero]["task"] = task;
    document["stages"][kZero]["rewards"] = {{{"kind", "countdown"}},
                                            {{"kind", "format"}, {"tasks", tasks}}};
    return refused_run(document).text;
  };
  const json parts = mixture({{"kind", "countdown"}});
  const std::string here = ", in r.json /stages/1/rewards/1/tasks";
  CHECK(refused(parts, {"hard", "easy"}) == "nothing thrown");
  CHECK(refused(parts, {"easy", "hart"}) ==
        "expected a part of the task (easy, hard), got \"hart\"" + here);
  CHECK(refused({{"kind", "countdown"}}, {"easy"}) ==
        "expected a part of the task (which has no parts), got \"easy\"" + here);

  // A data set may say in a column of its own what each row is.
  const TempFolder folder;
  const auto rows = folder.path() / "rows.jsonl";
  write_file_atomic(rows,
                    "{\"prompt\": \"1\", \"numbers\": [1], \"target\": 1, \"task\": \"sum\"}\n");
  const json data = {{"kind", "jsonl"}, {"path", rows.string()}, {"max_unreadable", 1.0}};
  CHECK(refused(data, {"sum"}) == "nothing thrown");
  CHECK(refused(data, {"sums"}) == "expected a part of the task (sum), got \"sums\"" + here);
}

TEST_CASE("chain: --from names a stage of the recipe, or nothing is made") {
  const auto recipe = recipes::resolve_recipe(chain_recipe(), "r.json");
  const TempFolder folder;
  recipes::RunOptions options;
  options.folder = folder.path() / "run";
  options.from_stage = "zeros";
  CHECK(thrown_by([&] { recipes::run_recipe(recipe, options); }).text ==
        "expected the name of a stage of r.json, got \"zeros\", in --from");
  CHECK_FALSE(fs::exists(options.folder));
}
