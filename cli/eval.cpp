#include "rl/evaluate.h"

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "core/error.h"
#include "core/json.h"
#include "policy/pretrained.h"
#include "rl/stage.h"

namespace reckon::cli {
namespace {

struct Arguments {
  std::string model;
  std::string task = R"({"kind": "countdown"})";
  std::vector<std::string> rewards;
  rl::EvalSettings settings;
  uint64_t seed = 42;
};

nlohmann::json parse_option(const std::string& text, const std::string& option) {
  // A bare word is short for {"kind": WORD}.
  if (!text.empty() && text.front() != '{') return {{"kind", text}};
  return parse_json_text(text, option);
}

int eval(const Arguments& arguments) {
  const auto pretrained =
      policy::load_pretrained(arguments.model, at::TensorOptions().dtype(at::kFloat));
  const auto task_json = parse_option(arguments.task, "--task");
  const auto task = tasks::make_task(task_json, {"", "--task", arguments.seed, 0});
  std::vector<nlohmann::json> rewards;
  for (const auto& text : arguments.rewards) rewards.push_back(parse_option(text, "--reward"));
  if (rewards.empty()) {
    check(task_json.value("kind", "") == "countdown", ErrorCode::invalid_argument,
          "expected --reward for a task that is not countdown, got none");
    rewards.push_back({{"kind", "countdown"}});
  }
  const rl::Scorer scorer(rewards, "", "--reward");
  auto settings = arguments.settings;
  settings.list_prompts = true;
  settings.reflection_words = {"wait"};
  settings.sampling.stop_token_ids = rl::stop_ids(pretrained);
  const auto engine = rollout::make_engine(*pretrained.model);
  auto line = rl::evaluate(*engine, *pretrained.tokenizer, *task, scorer, settings,
                           {"eval", arguments.model, 0, arguments.seed, 0});
  fmt::print("{}\n", json_text(line));
  return done;
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "eval",
      "Evaluate a model folder on held-out problems; one JSON line on standard output.\n\n"
      "  reckon eval runs/tiny-zero/stages/zero/model\n"
      "  reckon eval MODEL --num-samples 16 --temperature 0.6 --top-p 0.95\n");
  auto a = std::make_shared<Arguments>();
  auto& sampling = a->settings.sampling;
  command->add_option("MODEL", a->model, "Hugging Face folder")->required();
  command->add_option("--task", a->task, "task as JSON, or its kind")->capture_default_str();
  command->add_option("--reward", a->rewards, "reward as JSON, or its kind; the task's if absent");
  command->add_option("--prompts", a->settings.num_prompts, "held-out prompts")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--num-samples", a->settings.num_samples, "completions of each prompt")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--temperature", sampling.temperature, "divides the logits; 0 is greedy")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--top-p", sampling.top_p, "nucleus sampling")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0));
  command->add_option("--top-k", sampling.top_k, "0 is off")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--min-p", sampling.min_p, "0 is off")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--max-completion-length", sampling.max_new_tokens, "tokens sampled at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--seed", a->seed, "of the random draws")->capture_default_str();
  command->callback([a, &action] { action = [a](const Environment&) { return eval(*a); }; });
}

}  // namespace reckon::cli
