#include "watch/answers.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/watch/run_files.h"

namespace reckon::watch {
namespace {

TEST_CASE("the same prompt in both steps makes a pair of sample 0") {
  RunFiles files;
  files.put_recipe();
  files.add_completion(1, 5, 1, "easy", "first, sample 1", false);
  files.add_completion(1, 5, 0, "easy", "first, sample 0", true);
  files.add_completion(2, 8, 0, "easy", "between", true);
  files.add_completion(3, 6, 0, "easy", "other prompt", true);
  files.add_completion(3, 5, 0, "easy", "last, sample 0", true);
  const auto pairs = choose_answers(read_run_folder(files.path()), 6);
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].same_prompt);
  CHECK(pairs[0].before->completion.completion == "first, sample 0");
  CHECK(pairs[0].after->completion.completion == "last, sample 0");
  CHECK(pairs[0].before->group_size == 2);
  CHECK(pairs[0].before->group_correct == 1);
  CHECK(pairs[0].before->group_mean_length == 12.0);
}

TEST_CASE("different prompts are paired by difficulty, each difficulty in turn") {
  RunFiles files;
  files.put_recipe();
  for (int64_t prompt = 0; prompt < 5; ++prompt) {
    files.add_completion(1, prompt, 0, prompt < 4 ? "easy" : "hard", "before", true);
  }
  for (int64_t prompt = 0; prompt < 5; ++prompt) {
    files.add_completion(9, prompt + 100, 0, prompt < 1 ? "hard" : "easy", "after", true);
  }
  const auto pairs = choose_answers(read_run_folder(files.path()), 3);
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].difficulty == "easy");
  CHECK(pairs[1].difficulty == "easy");
  CHECK(pairs[2].difficulty == "hard");
  CHECK(pairs[2].after->completion.prompt_index == 100);
  CHECK_FALSE(pairs[2].same_prompt);
}

TEST_CASE("a run with one step on record has answers without a later one") {
  RunFiles files;
  files.add_completion(1, 5, 0, "", "only", true);
  const auto pairs = choose_answers(read_run_folder(files.path()), 6);
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].before->completion.completion == "only");
  CHECK_FALSE(pairs[0].after);
}

TEST_CASE("answers of stages that do not learn from rewards are left out") {
  RunFiles files;
  files.put("recipe.json", R"({"recipe":{"stages":[{"name":"zero","kind":"sample"}]}})");
  files.add_completion(1, 5, 0, "", "only", true);
  CHECK(choose_answers(read_run_folder(files.path()), 6).empty());
}

}  // namespace
}  // namespace reckon::watch
