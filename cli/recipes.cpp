#include "cli/command.h"
#include "core/error.h"
#include "recipes/embedded.h"
#include "recipes/recipe.h"

namespace reckon::cli {
namespace {

struct Arguments {
  std::string name;
  std::string keys;
  bool markdown = false;
};

std::vector<ConfigField> keys_of(const std::string& kind) {
  if (kind == "recipe") return describe_config<recipes::RecipeConfig>();
  if (kind == "pretrain") return describe_config<rl::PretrainConfig>();
  if (kind == "sft") return describe_config<rl::SftConfig>();
  if (kind == "grpo") return describe_config<rl::GrpoConfig>();
  if (kind == "sample") return describe_config<rl::SampleConfig>();
  if (kind == "distill") return describe_config<rl::DistillConfig>();
  return describe_config<rl::EvalConfig>();
}

int show(const Arguments& arguments) {
  if (!arguments.keys.empty()) {
    const auto fields = keys_of(arguments.keys);
    fmt::print("{}", arguments.markdown ? config_markdown(fields) : config_help(fields));
    return done;
  }
  const auto names = recipes::shipped_recipes();
  if (arguments.name.empty()) {
    for (const auto& name : names) {
      fmt::print("{:<26}{}\n", name, recipes::load_recipe(name, {}).config.description);
    }
    return done;
  }
  check(std::find(names.begin(), names.end(), arguments.name) != names.end(), ErrorCode::not_found,
        "expected one of the names that `reckon recipes` lists, got \"{}\"", arguments.name);
  fmt::print("{}", recipes::recipe_file(arguments.name + ".json"));
  return done;
}

}  // namespace

void add_recipes(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "recipes",
      "List the shipped recipes, print one, or explain the keys of a stage.\n\n"
      "  reckon recipes                      names and what they do\n"
      "  reckon recipes tiny-zero            its file, to copy and change\n"
      "  reckon recipes --keys grpo          every key with type, default, bounds and meaning\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("NAME", arguments->name, "print this recipe's file");
  command->add_option("--keys", arguments->keys, "explain the keys of this part of a recipe")
      ->check(CLI::IsMember({"recipe", "pretrain", "sft", "grpo", "sample", "distill", "eval"}));
  command->add_flag("--markdown", arguments->markdown, "as a Markdown table");
  command->callback([arguments, &action] {
    action = [arguments](const Environment&) { return show(*arguments); };
  });
}

}  // namespace reckon::cli
