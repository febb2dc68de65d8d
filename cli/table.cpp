#include <fmt/format.h>

#include "cli/command.h"
#include "core/error.h"
#include "watch/table_report.h"

namespace reckon::cli {
namespace {

struct Arguments {
  std::vector<std::string> runs;
  bool markdown = false;
  bool json = false;
  bool only_cost = false;
  std::optional<double> price_per_hour;
  std::string currency = "USD";
};

int table(const Arguments& arguments) {
  std::vector<watch::RunFolder> runs;
  for (const auto& folder : arguments.runs) runs.push_back(watch::read_run_folder(folder));
  watch::TableRequest request;
  if (arguments.markdown) request.form = watch::TableRequest::Form::markdown;
  if (arguments.json) request.form = watch::TableRequest::Form::json;
  request.only_cost = arguments.only_cost;
  if (arguments.price_per_hour) {
    request.price = watch::Price{*arguments.price_per_hour, arguments.currency};
  }
  fmt::print("{}", watch::table_report(runs, request));
  return done;
}

}  // namespace

void add_table(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "table",
      "Print what the stages of a chain reached and what they cost, one row a policy.\n\n"
      "  reckon table runs/tiny-r1\n"
      "  reckon table runs/r1-1 runs/r1-2 runs/r1-3       three seeds: each, their means, and\n"
      "                                                   differences with intervals over seeds\n"
      "  reckon table runs/tiny-r1 --markdown > stages.md\n"
      "  reckon table runs/tiny-r1 --cost --price-per-hour 0.08 --currency EUR\n\n"
      "Numbers come from the recipe's eval stages (key policy: a list of stages). A ± is half of "
      "a\n"
      "95 % bootstrap interval; differences are paired over prompts, so they are sharper than two\n"
      "intervals side by side. Runs whose recipes differ in the seed only are\n"
      "taken for seeds of one.\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->runs, "run folders")->required();
  auto* markdown = command->add_flag("--markdown", arguments->markdown, "tables in Markdown");
  command->add_flag("--json", arguments->json, "all numbers as one JSON object")
      ->excludes(markdown);
  command->add_flag("--cost", arguments->only_cost, "only what the stages cost");
  auto* price = command
                    ->add_option("--price-per-hour", arguments->price_per_hour,
                                 "price of one device for one hour; adds money to the cost")
                    ->check(CLI::Range(0.0, 1e9));
  command->add_option("--currency", arguments->currency, "name of the price's unit")
      ->needs(price)
      ->capture_default_str();
  command->callback([arguments, &action] {
    action = [arguments](const Environment&) { return table(*arguments); };
  });
}

}  // namespace reckon::cli
