#include "rl/distill.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "core/shutdown.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

const json kRewards = {{{"kind", "random"}}, {{"kind", "format"}}};

double mean_kl(const std::vector<json>& lines, size_t first, size_t count) {
  double sum = 0.0;
  for (size_t i = first; i < first + count; ++i) sum += lines.at(i).at("kl").get<double>();
  return sum / static_cast<double>(count);
}

void check_every_kill(json settings) {
  const SmallRun whole, saved;
  REQUIRE(whole.distill(small_distill(settings)) == StageEnd::finished);
  settings["save_steps"] = 1;
  saved.distill(small_distill(settings));
  CHECK(same_result(saved, whole));
  for (int64_t step = 1; step <= 4; ++step) {
    CAPTURE(step);
    const SmallRun killed;
    saved.copy_to(killed);
    killed.kill_after(step);
    CHECK(killed.distill(small_distill(settings)) == StageEnd::finished);
    CHECK(same_result(killed, whole));
  }
}

}  // namespace

TEST_CASE("the student comes near to its teacher") {
  for (const double beta : {0.0, 0.5, 1.0}) {
    CAPTURE(beta);
    const SmallRun run;
    CHECK(run.distill(small_distill({{"max_steps", 40}, {"beta", beta}, {"save_steps", 100}})) ==
          StageEnd::finished);
    const auto lines = run.objects("metrics");
    REQUIRE(lines.size() == 40);
    CHECK(mean_kl(lines, 35, 5) < 0.8 * mean_kl(lines, 0, 5));
    CHECK(lines.back().at("kind") == "distill");
    if (beta == 1.0) CHECK(lines[3].at("loss") == lines[3].at("kl"));
    if (beta != 1.0) CHECK(lines[3].at("loss") != lines[3].at("kl"));
  }
}

TEST_CASE("a step's line counts its tokens; rewards are logged where there are some") {
  const SmallRun plain, scored;
  plain.distill(small_distill(json::object()));
  scored.distill(small_distill({{"rewards", kRewards}, {"eval_prompts", 3}, {"eval_steps", 3}}));
  const auto lines = plain.objects("metrics"), more = scored.objects("metrics");
  double tokens = 0.0;
  for (const json& line : lines) {
    tokens += 8.0 * line.at("completions/mean_length").get<double>();
    CHECK(line.at("num_tokens").get<double>() == doctest::Approx(tokens));
    CHECK_FALSE(line.contains("reward"));
  }
  const json cost = read_json_file(plain.path() / "cost.json");
  CHECK(cost.at("sampled_tokens").get<double>() == doctest::Approx(tokens));
  CHECK(cost.at("trained_tokens") == cost.at("scored_tokens"));
  CHECK(cost.at("trained_tokens").get<double>() > tokens);
  // What is only logged changes nothing.
  CHECK(scored.weights() == plain.weights());
  CHECK(more[0].at("loss") == lines[0].at("loss"));
  for (const char* key : {"reward", "accuracy", "rewards/format/mean"})
    CHECK(more[0].contains(key));
  CHECK(plain.objects("completions").size() == 4 * 8);
  CHECK(plain.objects("evals").empty());
  CHECK(scored.objects("evals").size() ==
        3);  // before the first step, after the third and the last
}

TEST_CASE("the cut into micro-batches leaves what is learnt from the teacher") {
  const SmallRun whole, cut;
  whole.distill(small_distill({{"max_steps", 1}}));
  cut.distill(small_distill({{"max_steps", 1}, {"micro_batch_tokens", 20}}));
  const auto a = whole.objects("metrics")[0], b = cut.objects("metrics")[0];
  for (const char* key : {"loss", "kl", "grad_norm"}) {
    CHECK(a.at(key).get<double>() == doctest::Approx(b.at(key).get<double>()).epsilon(1e-3));
  }
}

TEST_CASE("a shutdown leaves a checkpoint after the step of distillation under way") {
  const auto config = small_distill(json::object());
  const SmallRun whole, stopped;
  whole.distill(config);
  request_shutdown();
  CHECK(stopped.distill(config) == StageEnd::stopped);
  clear_shutdown_request();
  CHECK(newest_checkpoint(stopped.stage_folder())->step == 1);
  CHECK(stopped.distill(config) == StageEnd::finished);
  CHECK(same_result(stopped, whole));
}

TEST_CASE("a teacher with another tokenizer is refused with the first difference") {
  const auto make = [](const char* third, bool more) {
    std::vector<std::string> words = {"<bos>", "<eos>", third};
    if (more) words.push_back("d");
    return policy::make_word_level_tokenizer(std::move(words), "<bos>", "<eos>", "");
  };
  const auto student = make("a", false);
  CHECK_NOTHROW(check_same_tokenizer(*student, *make("a", false), "recipe.json /stages/2/teacher"));
  auto error = tests::thrown_by(
      [&] { check_same_tokenizer(*student, *make("b", false), "recipe.json /stages/2/teacher"); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("token 2 is \"a\", got \"b\", in recipe.json /stages/2/teacher"));
  error = tests::thrown_by(
      [&] { check_same_tokenizer(*student, *make("a", true), "recipe.json /stages/2/teacher"); });
  CHECK(error.says("of 3 tokens, got one of 4"));
}

TEST_CASE("settings of a distill stage that do not go together are refused") {
  const auto refused = [](const json& settings, const char* text) {
    const auto error =
        tests::thrown_by([&] { check_distill(small_distill(settings), "recipe.json /stages/2"); });
    CHECK(error.code == ErrorCode::invalid_argument);
    CHECK(error.says(text));
  };
  CHECK_NOTHROW(check_distill(small_distill(json::object()), "here"));
  refused({{"teacher", ""}}, "recipe.json /stages/2/teacher");
  refused({{"max_steps", -1}}, "recipe.json /stages/2/max_steps");
  refused({{"eval_prompts", 3}}, "recipe.json /stages/2/rewards");
  refused({{"datasets", {{{"path", "x"}}}}}, "recipe.json /stages/2/datasets");
  refused({{"method", "samples"}}, "recipe.json /stages/2/teacher");
}

TEST_CASE("distillation from samples is an sft stage with the same settings") {
  const json shared = {{"name", "small"},
                       {"policy", "base"},
                       {"datasets", {{{"samples", "teacher-samples"}, {"weight", 2.0}}}},
                       {"num_train_epochs", 4},
                       {"max_length", 77},
                       {"learning_rate", 2e-3},
                       {"use_peft", true},
                       {"max_steps", 5},
                       {"save_steps", 6},
                       {"logging_steps", 7}};
  json distill = shared, sft = shared;
  distill["kind"] = "distill";
  const auto config = read_config<DistillConfig>(distill, "/stages/2", "recipe.json");
  CHECK_NOTHROW(check_distill(config, "here"));
  CHECK(write_config(sft_config(config)) ==
        write_config(read_config<SftConfig>(sft, "/stages/2", "recipe.json")));
}

TEST_SUITE_BEGIN("slow");

TEST_CASE("a killed and resumed distillation is the uninterrupted one") {
  check_every_kill({{"rewards", kRewards}, {"eval_prompts", 3}, {"eval_steps", 3}});
}

TEST_CASE("a killed and resumed distillation into an adapter is the uninterrupted one") {
  check_every_kill(
      {{"beta", 0.5}, {"use_peft", true}, {"lora_target_modules", {"all-linear"}}, {"lora_r", 4}});
}

TEST_SUITE_END();
