// Which stages may follow which, and what is known to be wrong before any training.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "tests/recipes/recipe_files.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;

namespace {

struct Case {
  std::string pointer;
  json value;
  std::string message;
};

}  // namespace

TEST_CASE("the recipe that the other cases break can be run") {
  CHECK(refused_run(good_recipe()).text == "nothing thrown");
}

TEST_CASE("a stage starts from an earlier stage that makes a model, or from a model folder") {
  const std::vector<Case> cases = {
      {"/stages/1/policy", "bass", "expected an earlier stage or a model folder, got \"bass\""},
      {"/stages/1/policy", "zero", "expected an earlier stage, got \"zero\""},
      {"/stages/0/policy", "zero", "expected an earlier stage, got \"zero\""},
      {"/stages/1/policy", "", "expected the name of an earlier stage or a model folder"},
      {"/stages/2/policy", json::array({"base", "exam"}),
       "expected an earlier stage, got \"exam\""},
      {"/stages/2/policy", json::array(), "at least one policy"},
      {"/stages/2/policy", 3, "expected the name of a stage or a list of them"},
      {"/stages/2/policy", "/tmp", "expected an earlier stage or a model folder"}};
  for (const auto& [pointer, value, message] : cases) {
    const auto refused = refused_run(recipe_with(pointer, value));
    CHECK_MESSAGE(refused.says(message), refused.text);
    CHECK_MESSAGE(refused.says("r.json"), refused.text);
  }
  auto after_exam = good_recipe();
  after_exam["stages"].push_back(after_exam["stages"][1]);
  after_exam["stages"][3]["name"] = "more";
  after_exam["stages"][3]["policy"] = "exam";
  CHECK(refused_run(after_exam).says("got the eval stage \"exam\""));
}

TEST_CASE("stage names are different and safe as names of folders") {
  for (const char* name : {"", "..", "../x", "a/b", "/abs", ".hidden", "a b", "a\nb", "\xc3\xa4"}) {
    CAPTURE(std::string(name));
    auto document = recipe_with("/stages/2/name", name);
    const auto refused = refused_document(document);
    CHECK(refused.code == ErrorCode::invalid_argument);
    CHECK(refused.says("/stages/2/name"));
    CHECK(refused_document(recipe_with("/name", name)).says("/name"));
  }
  CHECK(refused_document(recipe_with("/name", std::string(101, 'a'))).says("/name"));
  CHECK(refused_document(recipe_with("/stages/2/name", "base")).says("\"base\" twice"));
}

TEST_CASE("a recipe without stages, rewards or a task is refused") {
  CHECK(refused_document(recipe_with("/stages", json::array())).says("at least one stage"));
  CHECK(
      refused_document(recipe_with("/stages/1/rewards", json::array())).says("/stages/1/rewards"));
  CHECK(refused_run(recipe_with("/stages/2/rewards", json::array())).says("/stages/2/rewards"));
  CHECK(refused_run(recipe_with("/task", nullptr)).says("expected a task, got none"));
}

TEST_CASE("losses that would not train what they say are refused") {
  auto k1 = recipe_with("/stages/1/beta", 0.1);
  k1["stages"][1]["kl_estimator"] = "k1";
  CHECK(refused_document(k1).says("pure noise"));
  CHECK(refused_document(recipe_with("/stages/1/num_generations", 1)).says("at least 2"));
  CHECK(refused_document(recipe_with("/stages/1/epsilon", -0.1)).says("/stages/1/epsilon"));
  CHECK(refused_document(recipe_with("/stages/1/use_bias_correction_kl", true)).says("k3"));
}

TEST_CASE("unknown kinds, presets and devices are refused with what there is") {
  const std::vector<Case> cases = {{"/model/preset", "tiny-9b", "tiny-0.4m"},
                                   {"/task/kind", "chess", "countdown"},
                                   {"/task/numbers", json::array({99}), "/task"},
                                   {"/stages/1/task", json{{"kind", "chess"}}, "/stages/1/task"},
                                   {"/stages/0/corpus/kind", "wikipedia", "countdown-traces"},
                                   {"/stages/0/corpus", 3, "/stages/0/corpus"},
                                   {"/stages/1/rewards/0/kind", "luck", "/stages/1/rewards"},
                                   {"/stages/1/rewards/0/wieght", 1, "weight"},
                                   {"/device", "tpu", "cuda:N"},
                                   {"/device", "cuda", "use cpu"},
                                   {"/device", "cuda:1", "use cpu"}};
  for (const auto& [pointer, value, message] : cases) {
    const auto refused = refused_run(recipe_with(pointer, value));
    CHECK_MESSAGE(refused.says(message), (pointer + ": " + refused.text));
    CHECK_MESSAGE(refused.code != ErrorCode::internal, refused.text);
  }
}

TEST_CASE("a task is checked even if no stage uses it") {
  auto document = recipe_with("/task/kind", "chess");
  document["stages"].erase(document["stages"].begin() + 1, document["stages"].end());
  CHECK(refused_run(document).says("countdown"));
}

TEST_CASE("more evaluation prompts than are held out are refused with the number there is") {
  for (const char* stage :
       {"/stages/1/eval_prompts", "/stages/2/eval_prompts", "/stages/2/greedy_prompts"}) {
    const auto refused = refused_run(recipe_with(stage, 1000000));
    CHECK_MESSAGE(refused.says("all that are held out"), refused.text);
    CHECK_MESSAGE(refused.says(stage), refused.text);
  }
}

TEST_CASE("a column to report apart that no problem has is refused before anything is computed") {
  CHECK(refused_run(recipe_with("/stages/2/group_by", json::array({"target"}))).text ==
        "nothing thrown");
  const auto refused = refused_run(recipe_with("/stages/2/group_by", json::array({"language"})));
  CHECK_MESSAGE(refused.says("got \"language\", which none of the first 8 has, in"), refused.text);
  CHECK_MESSAGE(refused.says("/stages/2/group_by"), refused.text);
}
