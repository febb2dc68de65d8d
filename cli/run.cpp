#include "recipes/run.h"

#include "cli/command.h"
#include "cli/watch_child.h"
#include "core/error.h"
#include "core/log.h"
#include "core/shutdown.h"
#include "recipes/embedded.h"
#include "recipes/planned_cost.h"
#include "watch/cost_table.h"
#include "watch/headline.h"
#include "watch/report.h"
#include "watch/table_report.h"

namespace reckon::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string recipe;
  std::string out;
  std::string from;
  std::vector<std::string> overrides;
  bool dry_run = false;
  bool watch = false;
  std::optional<double> flops_per_second;
  std::optional<double> price_per_hour;
  std::string currency = "USD";
};

std::string describe(const watch::Measurement& m, int digits) {
  const auto number = [&](double value) { return fmt::format("{:.{}f}", value, digits); };
  if (!m.low || !m.high) return number(m.value);
  return fmt::format("{} ({} to {})", number(m.value), number(*m.low), number(*m.high));
}

// "held-out accuracy  0.41 (0.35 to 0.47) -> 0.85 (0.80 to 0.89)"
void print_change(const char* what, const std::optional<watch::Change>& change, int digits) {
  if (!change) return;
  log_info("{:<28}{} -> {}", what, describe(change->before, digits),
           describe(change->after, digits));
}

// The lines that a person reads at the end.
void print_result(const recipes::Recipe& recipe, const watch::RunFolder& run,
                  const fs::path& report) {
  const auto headline = watch::headline(run);
  log_info("");
  print_change("held-out accuracy", headline.accuracy, 2);
  print_change("held-out accuracy, greedy", headline.accuracy_greedy, 2);
  print_change("mean response length", headline.mean_length, 0);
  print_change("retries per answer", headline.retries, 2);
  if (const auto summary = watch::stage_summary(run); !summary.empty()) {
    log_info("\n{}", summary);
  }
  if (!recipe.config.claim.empty()) log_info("{}", recipe.config.claim);
  log_info("report: {}", fs::absolute(report).string());
}

// What the stages will cost at most, with hours and money as far as the user says how fast a device
// is and what it costs.
std::string planned_cost(const recipes::Recipe& recipe, const Arguments& arguments) {
  watch::CostTable table;
  for (const auto& plan : recipes::planned_costs(recipe)) {
    watch::StageCost cost;
    cost.stage = plan.stage;
    cost.kind = plan.kind;
    cost.prompt_tokens = static_cast<double>(plan.cost.prompt_tokens);
    cost.sampled_tokens = static_cast<double>(plan.cost.sampled_tokens);
    cost.trained_tokens = static_cast<double>(plan.cost.trained_tokens);
    cost.scored_tokens = static_cast<double>(plan.cost.scored_tokens);
    cost.flops = plan.cost.flops;
    if (arguments.flops_per_second) cost.seconds = cost.flops / *arguments.flops_per_second;
    table.stages.push_back(cost);
  }
  std::optional<watch::Price> price;
  if (arguments.price_per_hour) price = {*arguments.price_per_hour, arguments.currency};
  auto grid = watch::cost_grid(table, price);
  grid.title = "Cost at most";
  grid.note = "Every completion is counted at its full length, and all samples as kept. Hours need "
              "--flops-per-second: `reckon table RUN --cost` shows what a run reached.";
  return watch::render_text(grid);
}

int run(const Arguments& arguments, const Environment& environment) {
  recipes::RunOptions options;
  options.command = environment.command;
  options.threads = environment.threads;
  options.is_terminal = environment.is_terminal;
  if (!arguments.from.empty()) options.from_stage = arguments.from;
  recipes::Recipe recipe;
  // The name of a shipped recipe means the recipe; a run folder of that name is ./NAME.
  const auto shipped = recipes::shipped_recipes();
  const bool is_name = std::find(shipped.begin(), shipped.end(), arguments.recipe) != shipped.end();
  if (!is_name && recipes::is_run_folder(arguments.recipe)) {
    check(arguments.overrides.empty(), ErrorCode::invalid_argument,
          "expected no --set for a run that is resumed, got {}: start a new run to change it",
          arguments.overrides.empty() ? "" : arguments.overrides.front());
    auto stored = recipes::read_stored_run(arguments.recipe);
    recipe = std::move(stored.recipe);
    // Equal bytes are promised for equal threads: a run goes on with those it began with.
    if (!environment.threads_given) set_threads(options.threads = stored.threads);
    options.folder = arguments.recipe;
  } else {
    recipe = recipes::load_recipe(arguments.recipe, arguments.overrides);
    options.folder =
        arguments.out.empty() ? fs::path("runs") / recipe.config.name : fs::path(arguments.out);
  }
  if (arguments.dry_run) {
    fmt::print("{}\n{}", recipes::describe_run(recipe, true), planned_cost(recipe, arguments));
    return done;
  }
  if (recipes::is_run_folder(options.folder)) {
    log_info("{}: an earlier run is here; going on with it", options.folder.string());
  } else {
    log_info("{}", recipes::describe_run(recipe, false));
  }
  install_shutdown_handlers();
  std::optional<WatchChild> page;
  if (arguments.watch) {
    std::error_code ignored;  // the run says why its folder cannot be made
    fs::create_directories(options.folder, ignored);
    page.emplace(options.folder);
  }
  const auto end = recipes::run_recipe(recipe, options);
  const fs::path report = options.folder / "report.html";
  if (end == recipes::RunEnd::stopped) {
    log_info("stopped; `reckon run {}` goes on", options.folder.string());
    return run_failed;
  }
  if (end == recipes::RunEnd::was_finished) log_info("this run is finished");
  const std::vector<watch::RunFolder> runs = {watch::read_run_folder(options.folder)};
  watch::write_report(runs, report);
  print_result(recipe, runs.front(), report);
  return done;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "run",
      "Run a recipe, or go on with a run.\n\n"
      "  reckon run tiny-zero                                   a shipped recipe, into "
      "runs/tiny-zero\n"
      "  reckon run my.json --set stages.zero.learning_rate=3e-4 --out runs/fast\n"
      "  reckon run runs/fast                                   go on where it was interrupted\n"
      "  reckon run runs/fast --from zero                       do zero and what follows again\n"
      "  reckon recipes --keys grpo                             all keys of a grpo stage\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("RECIPE", arguments->recipe, "recipe file, shipped recipe, or run folder")
      ->required();
  command->add_option("--out", arguments->out,
                      "run folder (default: runs/NAME); an existing run goes on");
  command
      ->add_option("--set", arguments->overrides,
                   "change a key: seed=8, stages.STAGE.KEY=VALUE; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--from", arguments->from,
                      "do this stage and all after it again, whatever is there");
  command->add_flag("--dry-run", arguments->dry_run,
                    "say what would be done, check the whole recipe, train nothing");
  command->add_flag("--watch", arguments->watch,
                    "show the run in a browser while it goes (reckon watch)");
  auto* speed = command
                    ->add_option("--flops-per-second", arguments->flops_per_second,
                                 "of one device, for the hours of --dry-run")
                    ->check(CLI::Range(1.0, 1e21));
  command
      ->add_option("--price-per-hour", arguments->price_per_hour,
                   "of one device, for the money of --dry-run")
      ->check(CLI::Range(0.0, 1e9))
      ->needs(speed);
  command->add_option("--currency", arguments->currency, "name of the price's unit")
      ->capture_default_str();
  command->callback([arguments, &action] {
    action = [arguments](const Environment& environment) { return run(*arguments, environment); };
  });
}

}  // namespace reckon::cli
