#include "rl/evaluate.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/eval_report.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "core/shutdown.h"
#include "policy/chat/chat_format.h"
#include "policy/pretrained.h"
#include "rewards/format.h"
#include "rl/chat_problems.h"
#include "rl/pass_at_k.h"
#include "rl/stage.h"

namespace reckon::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::string model;
  std::string task = "countdown";
  std::string data;
  std::string prompt_column;
  std::string answer_column;
  std::vector<std::string> rewards;
  std::string chat_format;
  std::string out;
  int64_t limit = 0;
  bool chat = false;
  bool no_greedy = false;
  rl::EvalSettings settings;
  uint64_t seed = 42;
};

json parse_option(const std::string& text, const std::string& option) {
  // A bare word is short for {"kind": WORD}.
  if (!text.empty() && text.front() != '{') return {{"kind", text}};
  return parse_json_text(text, option);
}

// The task as a recipe would write it.
json task_config(const Arguments& arguments) {
  if (arguments.data.empty()) {
    check(arguments.prompt_column.empty() && arguments.answer_column.empty(),
          ErrorCode::invalid_argument,
          "expected --data beside --prompt-column and --answer-column, got none");
    return parse_option(arguments.task, "--task");
  }
  return {{"kind", "jsonl"},
          {"path", arguments.data},
          {"dataset_prompt_column", arguments.prompt_column},
          {"dataset_answer_column", arguments.answer_column},
          {"held_out_fraction", 1.0}};
}

std::vector<json> reward_configs(const Arguments& arguments, const json& task) {
  std::vector<json> rewards;
  for (const auto& text : arguments.rewards) rewards.push_back(parse_option(text, "--reward"));
  if (rewards.empty()) {
    rewards.push_back({{"kind", task.value("kind", "") == "countdown" ? "countdown" : "answer"}});
  }
  return rewards;
}

// How many of the problems are asked: all of a file, or up to the limit; of a task 256, or exactly
// as many as wanted, so that figures of several models are for the same problems.
int64_t num_prompts(const Arguments& arguments, const tasks::ProblemSource& task) {
  constexpr int64_t kOfGenerated = 256;
  const auto there = static_cast<int64_t>(task.num_held_out());
  check(there > 0, ErrorCode::invalid_argument,
        "expected problems that are held out for evaluation, got none: {}", task.summary());
  if (!arguments.data.empty())
    return arguments.limit > 0 ? std::min(arguments.limit, there) : there;
  return arguments.limit > 0 ? arguments.limit : std::min(kOfGenerated, there);
}

rl::EvalSettings eval_settings(const Arguments& arguments, const tasks::ProblemSource& source) {
  auto settings = arguments.settings;
  settings.num_prompts = num_prompts(arguments, source);
  settings.list_prompts = true;
  settings.greedy = !arguments.no_greedy;
  settings.reflection_words = {"wait"};
  rl::check_k(settings.k, settings.num_samples, "--k");
  return settings;
}

// The tokens that end an answer, for the model and for its chat format.
std::vector<int32_t> stop_ids(const policy::Pretrained& pretrained,
                              const policy::ChatFormat& format) {
  auto ids = rl::stop_ids(pretrained);
  for (const int32_t id : policy::stop_token_ids(format, *pretrained.tokenizer)) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

// Asks all prompts and prints the figures.
int ask(const policy::Pretrained& pretrained, const tasks::ProblemSource& task,
        const rl::Scorer& scorer, rl::EvalSettings settings, const Arguments& arguments,
        bool is_terminal) {
  install_shutdown_handlers();
  std::mutex mutex;
  EvalAnswers answers(scorer);
  const int64_t total = settings.num_prompts * (settings.greedy ? 2 : 1);
  Progress progress("eval", static_cast<uint64_t>(total), stderr, is_terminal);
  settings.on_prompt = [&](const rl::ScoredGroup& group, bool greedy) {
    const std::scoped_lock lock(mutex);
    answers.add(group, greedy);
    progress.update(answers.size(), greedy ? "prompts, greedy" : "prompts, sampled");
  };
  const auto engine = rollout::make_engine(*pretrained.model, {.stop = shutdown_requested});
  const json line = rl::evaluate(*engine, *pretrained.tokenizer, task, scorer, settings,
                                 {"eval", arguments.model, 0, arguments.seed, 0});
  progress.finish();
  if (line.is_null()) {
    log_info("stopped; nothing was written");
    return run_failed;
  }
  if (!arguments.out.empty()) answers.write(arguments.out);
  log_info("{}\n{}", task.summary(), eval_table(line));
  fmt::print("{}\n", json_text(line));
  return done;
}

int eval(const Arguments& arguments, const Environment& environment) {
  const json config = task_config(arguments);
  auto source = tasks::make_task(config, {"", "--task", arguments.seed, 0});
  auto rewards = reward_configs(arguments, config);
  // Wrong options are reported before the model is read.
  rl::Scorer(rewards, "", "--reward");
  auto settings = eval_settings(arguments, *source);
  const auto pretrained =
      policy::load_pretrained(arguments.model, at::TensorOptions().dtype(at::kFloat));
  const auto format =
      policy::ChatFormat::for_tokenizer(*pretrained.tokenizer, arguments.chat_format);
  settings.sampling.stop_token_ids = stop_ids(pretrained, format);
  const rl::ChatProblems task(std::move(source), format, arguments.chat);
  for (json& reward : rewards) {
    reward = rewards::with_think_prefilled(std::move(reward), rl::opens_thought(task));
  }
  const rl::Scorer scorer(rewards, "", "--reward");
  return ask(pretrained, task, scorer, std::move(settings), arguments, environment.is_terminal);
}

void add_sampling_options(CLI::App& command, Arguments& arguments) {
  constexpr int64_t kMostSamples = 100'000;
  auto& settings = arguments.settings;
  auto& sampling = settings.sampling;
  command.add_option("--num-samples", settings.num_samples, "completions of each prompt")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, kMostSamples));
  command.add_option("--k", settings.k, "of pass@k and cons@k, as 1,4,16; powers of two if absent")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  command.add_option("--temperature", sampling.temperature, "divides the logits; 0 is greedy")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--top-p", sampling.top_p, "nucleus sampling")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0));
  command.add_option("--top-k", sampling.top_k, "0 is off")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--min-p", sampling.min_p, "0 is off")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--max-tokens,--max-completion-length", sampling.max_new_tokens,
                  "tokens sampled at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command.add_option("--seed", arguments.seed, "of the random draws")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--no-greedy", arguments.no_greedy, "leave the greedy answers out");
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "eval",
      "Evaluate a model on problems that it was not trained on: a table on standard error, one\n"
      "JSON object on standard output.\n\n"
      "  reckon eval runs/tiny-zero/stages/zero/model\n"
      "  reckon eval MODEL --task arithmetic --num-samples 8\n"
      "  reckon eval MODEL --data test.jsonl --num-samples 16 --temperature 0.6 --top-p 0.95 \\\n"
      "      --k 1,4,16 --out results.jsonl\n");
  auto a = std::make_shared<Arguments>();
  command->add_option("MODEL", a->model, "Hugging Face folder or GGUF file")->required();
  auto* data =
      command->add_option("--data", a->data, "problems as JSON lines; all of them are asked");
  command->add_option("--prompt-column", a->prompt_column,
                      "column with the prompt; `prompt` or `question` if absent");
  command->add_option("--answer-column", a->answer_column,
                      "column with the gold answer; `gold` or `answer` if absent");
  command->add_option("--task", a->task, "generated problems instead: task as JSON, or its kind")
      ->capture_default_str()
      ->excludes(data);
  command->add_option("--reward", a->rewards,
                      "what is right: reward as JSON, or its kind; countdown for that task, else "
                      "answer");
  command
      ->add_option("--limit,--prompts", a->limit,
                   "prompts asked; all of --data, 256 of --task if absent")
      ->check(CLI::PositiveNumber);
  command->add_flag("--chat", a->chat, "send prompts of text as a user's message, not as they are");
  command->add_option("--chat-format", a->chat_format,
                      "how conversations are written: chatml, llama3, qwen, deepseek-r1, r1-zero "
                      "or plain; as the model's own template says if absent");
  command->add_option("--out", a->out, "write each prompt with its completions to this file");
  add_sampling_options(*command, *a);
  command->callback([a, &action] {
    action = [a](const Environment& environment) { return eval(*a, environment); };
  });
}

}  // namespace reckon::cli
