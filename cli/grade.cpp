#include "rewards/grade.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/grade.h"
#include "core/error.h"
#include "core/log.h"
#include "rewards/format.h"
#include "rewards/judge/judge_client.h"

namespace reckon::cli {
namespace {

struct Arguments {
  std::string kind;
  std::string file;
  std::string recipe;
  std::string stage;
  std::string region;
  std::string style;
  std::string require;
  std::vector<std::string> overrides;
  int jobs = 0;  // 0: as many as threads
  bool think_prefilled = false;
};

rewards::RewardServices services(const Arguments& arguments, const Environment& environment) {
  rewards::JudgeOptions options;
  options.workers = options.sandboxes = arguments.jobs > 0 ? arguments.jobs : environment.threads;
  options.best_effort = arguments.require == "best_effort";
  return {std::make_shared<rewards::JudgeClient>(options)};
}

// The reward that the command line describes.
nlohmann::json reward_config(const Arguments& arguments) {
  nlohmann::json config = {{"kind", arguments.kind}};
  if (!arguments.region.empty()) config["region"] = arguments.region;
  if (!arguments.style.empty()) config["style"] = arguments.style;
  for (const std::string& assignment : arguments.overrides) apply_override(config, assignment);
  return rewards::with_think_prefilled(std::move(config), arguments.think_prefilled);
}

// With --recipe the only positional argument is the file.
Arguments checked(Arguments arguments) {
  if (arguments.recipe.empty()) {
    check(!arguments.kind.empty(), ErrorCode::invalid_argument,
          "expected a kind ({}) or --recipe, got neither",
          fmt::join(rewards::reward_kinds(), ", "));
    check(arguments.stage.empty(), ErrorCode::invalid_argument,
          "expected --stage with --recipe, got it without");
    return arguments;
  }
  check(arguments.file.empty(), ErrorCode::invalid_argument,
        "expected no kind beside --recipe, got {}", arguments.kind);
  check(arguments.region.empty() && arguments.style.empty(), ErrorCode::invalid_argument,
        "expected --region and --style with a kind, got one with --recipe: use --set");
  arguments.file = std::exchange(arguments.kind, "");
  return arguments;
}

int grade_stream(const Arguments& arguments, const Environment& environment, std::istream& in,
                 const ReadRecipeRewards& read_recipe, rewards::GradeOptions options) {
  const auto shared = services(arguments, environment);
  rewards::GradeCounts counts;
  if (arguments.recipe.empty()) {
    const auto reward =
        rewards::make_reward(reward_config(arguments), "", "the command line", shared);
    counts = rewards::grade_cases(*reward, in, std::cout, std::cerr, options);
  } else {
    const auto recipe = read_recipe(arguments.recipe, arguments.overrides, arguments.stage,
                                    arguments.think_prefilled, shared);
    options.max_tokens = recipe.max_tokens;
    counts = rewards::grade_cases(recipe.rewards, in, std::cout, std::cerr, options);
  }
  if (counts.bad == 0) return done;
  log_info("{} of {} lines are no cases", counts.bad, counts.bad + counts.graded);
  return wrong_request;
}

int grade(const Arguments& given, const Environment& environment,
          const ReadRecipeRewards& read_recipe) {
  const Arguments arguments = checked(given);
  std::ios::sync_with_stdio(false);
  rewards::GradeOptions options;
  if (arguments.file.empty() || arguments.file == "-") {
    return grade_stream(arguments, environment, std::cin, read_recipe, options);
  }
  options.source = arguments.file;
  std::ifstream in(arguments.file, std::ios::binary);
  check(in.is_open(), ErrorCode::not_found, "expected a file of cases, got none at {}",
        arguments.file);
  return grade_stream(arguments, environment, in, read_recipe, options);
}

void add_options(CLI::App& command, Arguments& arguments) {
  command.add_option("KIND", arguments.kind,
                     fmt::format("what scores: {}", fmt::join(rewards::reward_kinds(), ", ")));
  command.add_option("FILE", arguments.file, "cases, one a line (default: standard input)");
  command.add_option("--recipe", arguments.recipe, "score with the rewards of a recipe instead");
  command.add_option("--stage", arguments.stage,
                     "stage of the recipe (default: the first one with rewards)");
  command.add_option("--region", arguments.region,
                     "where answers count, as after_think, answer_tag or whole");
  command.add_option("--style", arguments.style, "how answers are marked, as boxed, tag or hash");
  command
      .add_option("--set", arguments.overrides,
                  "an option of the kind as KEY=VALUE, or of the recipe; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--think-prefilled", arguments.think_prefilled,
                   "the prompts end with <think>, so completions do not begin with it");
  command
      .add_option("--jobs", arguments.jobs,
                  "answers and programs that are graded side by side (default: --threads)")
      ->check(CLI::Range(1, 256));
  command
      .add_option("--require", arguments.require,
                  "best_effort runs code even where a layer of the sandbox is missing")
      ->check(CLI::IsMember({"strict", "best_effort"}));
}

}  // namespace

void add_grade(CLI::App& app, Action& action, const ReadRecipeRewards& read_recipe) {
  auto* command = app.add_subcommand(
      "grade",
      "Score completions, to try a reward before a run. Reads one JSON object a line and writes\n"
      "one verdict a line: {\"score\", \"extracted\", \"gold\", \"reason\"}.\n\n"
      "  echo '{\"gold\": \"1/2\", \"completion\": \"so \\\\boxed{0.5}\"}' | reckon grade math\n"
      "  echo '{\"gold\": \"1/2\", \"answer\": \"0.5\"}' | reckon grade math     a bare answer\n"
      "  reckon grade language cases.jsonl --set language=de --set threshold=0.9\n"
      "  reckon grade --recipe my.json --stage zero completions.jsonl\n\n"
      "A line that is no case gets score null and the reason bad_line; the exit status is then "
      "2.\n");
  auto arguments = std::make_shared<Arguments>();
  add_options(*command, *arguments);
  command->callback([arguments, read_recipe, &action] {
    action = [arguments, read_recipe](const Environment& environment) {
      return grade(*arguments, environment, read_recipe);
    };
  });
}

}  // namespace reckon::cli
