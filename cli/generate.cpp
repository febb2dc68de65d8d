#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/generator.h"
#include "cli/prompt_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/shutdown.h"
#include "policy/model_files.h"

namespace reckon::cli {
namespace {

struct Arguments {
  GeneratorOptions generator;
  std::string prompt, chat, file, system;
  bool prompt_given = false, chat_given = false;
  int64_t num_generations = 1;
  bool print_prompt = false;
  bool no_generation_prompt = false;
  bool stats = false;
};

void print_stats(const Arguments& arguments, const Environment& environment,
                 const GeneratorSpeed& speed) {
  if (!arguments.stats && !environment.is_terminal) return;
  const double decoding = speed.seconds - speed.first_token_seconds;
  const double rate =
      speed.tokens > 1 && decoding > 0 ? static_cast<double>(speed.tokens - 1) / decoding : 0.0;
  fmt::print(
      stderr,
      "{} prompt tokens, first token after {:.3f} s; {} tokens in {:.2f} s, {:.1f} tokens/s\n",
      speed.prompt_tokens, speed.first_token_seconds, speed.tokens, speed.seconds, rate);
}

void show(std::string_view piece) {
  fmt::print("{}", piece);
  std::fflush(stdout);
}

std::vector<ChatMessage> conversation(const Arguments& arguments, std::vector<ChatMessage> turns) {
  const bool has_system = !turns.empty() && turns.front().role == "system";
  if (!arguments.system.empty() && !has_system) {
    turns.insert(turns.begin(), {"system", arguments.system});
  }
  return turns;
}

std::vector<PromptLine> prompt_lines(const Arguments& arguments) {
  if (arguments.prompt_given) return {{arguments.prompt, {}}};
  if (arguments.chat_given) return {{"", {{"user", arguments.chat}}}};
  return read_prompt_file(arguments.file);
}

std::vector<std::string> rendered(const Arguments& arguments, const policy::ChatFormat& format) {
  std::vector<std::string> prompts;
  for (PromptLine& line : prompt_lines(arguments)) {
    if (line.messages.empty()) {
      prompts.push_back(std::move(line.text));
    } else {
      prompts.push_back(format.render(conversation(arguments, std::move(line.messages)),
                                      !arguments.no_generation_prompt));
    }
  }
  return prompts;
}

// The prompts as the model would get them, one JSON line each; the weights are not needed.
int print_prompts(const Arguments& arguments) {
  const auto tokenizer = policy::load_model_tokenizer(arguments.generator.model.path);
  const auto format =
      policy::ChatFormat::for_tokenizer(*tokenizer, arguments.generator.chat_format);
  for (const std::string& prompt : rendered(arguments, format)) {
    fmt::print("{}\n", json_text({{"prompt", prompt}}));
  }
  return done;
}

// Batches of prompts: one JSON line for each completion.
int generate_lines(const Arguments& arguments, const Environment& environment,
                   Generator& generator) {
  const auto prompts = rendered(arguments, generator.format());
  generator.complete(prompts, arguments.num_generations, [&](size_t p, const auto& texts) {
    for (const GeneratedText& text : texts) {
      fmt::print("{}\n", json_text({{"prompt", prompts[p]},
                                    {"completion", text.text},
                                    {"finish_reason", text.finish_reason},
                                    {"num_tokens", text.num_tokens}}));
    }
    std::fflush(stdout);
  });
  print_stats(arguments, environment, generator.speed());
  return shutdown_requested() ? run_failed : done;
}

// A conversation, line by line; an interrupted answer stays in the history as far as it came.
int chat(const Arguments& arguments, const Environment& environment, Generator& generator) {
  const bool is_terminal = isatty(STDIN_FILENO) == 1;
  if (is_terminal)
    fmt::print(stderr, "Chat format {}. /clear starts anew, /exit ends.\n",
               generator.format().name());
  std::vector<ChatMessage> turns;
  for (;;) {
    if (is_terminal) fmt::print(stderr, "> ");
    std::string line;
    if (!std::getline(std::cin, line) || line == "/exit") break;
    clear_shutdown_request();
    if (line.empty()) continue;
    if (line == "/clear") {
      turns.clear();
      continue;
    }
    turns.push_back({"user", line});
    try {
      const std::string prompt = generator.format().render(conversation(arguments, turns), true);
      turns.push_back({"assistant", generator.stream(prompt, show).text});
      show("\n");
      print_stats(arguments, environment, generator.speed());
    } catch (const Error& error) {
      if (!is_terminal) throw;
      fmt::print(stderr, "reckon: error: {}\n", error.what());
      turns.pop_back();
    }
    clear_shutdown_request();
  }
  return done;
}

int generate(Arguments arguments, const Environment& environment) {
  const int sources = arguments.prompt_given + arguments.chat_given + !arguments.file.empty();
  check(sources <= 1, ErrorCode::invalid_argument,
        "expected one of --prompt, --chat and --file, got {}", sources);
  check(sources == 1 || arguments.num_generations == 1, ErrorCode::invalid_argument,
        "expected one completion of each message in a chat, got --num-generations {}",
        arguments.num_generations);
  if (arguments.print_prompt) {
    check(sources == 1, ErrorCode::invalid_argument,
          "expected --prompt, --chat or --file beside --print-prompt, got none");
    return print_prompts(arguments);
  }
  install_shutdown_handlers();
  Generator generator(arguments.generator);
  if (sources == 0) return chat(arguments, environment, generator);
  if (!arguments.file.empty() || arguments.num_generations > 1) {
    return generate_lines(arguments, environment, generator);
  }
  generator.stream(rendered(arguments, generator.format()).front(), show);
  show("\n");
  print_stats(arguments, environment, generator.speed());
  return done;
}

void add_sampling_options(CLI::App& command, Arguments& arguments) {
  auto& options = arguments.generator;
  auto& sampling = options.sampling;
  sampling.temperature = 0.6;
  sampling.top_p = 0.95;
  command.add_option("--max-tokens", sampling.max_new_tokens, "tokens sampled at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command.add_option("--temperature", sampling.temperature, "divides the logits; 0 is greedy")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--top-p", sampling.top_p, "nucleus sampling; 1 is off")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0));
  command.add_option("--top-k", sampling.top_k, "0 is off")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--min-p", sampling.min_p, "share of the largest probability; 0 is off")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--seed", options.seed, "of the random draws")->capture_default_str();
  command
      .add_option("--num-generations", arguments.num_generations,
                  "completions of each prompt; more than one are printed as JSON lines")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command.add_option("--stop", options.stop, "a text that ends a completion; may be repeated");
  command.add_flag("--ignore-eos", options.ignore_eos, "go on behind the end token");
}

}  // namespace

void add_generate(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "generate",
      "Complete a prompt, a file of prompts, or chat.\n\n"
      "  reckon generate MODEL                        chat in the terminal\n"
      "  reckon generate MODEL --chat \"What is 2+2?\"  one question in the model's chat format\n"
      "  reckon generate MODEL --prompt \"Once upon\"   go on from a text as it is\n"
      "  reckon generate MODEL --file in.jsonl        lines of prompt or messages, JSON lines "
      "out\n");
  auto a = std::make_shared<Arguments>();
  auto& options = a->generator;
  add_model_options(*command, options.model);
  auto* prompt = command->add_option("--prompt", a->prompt, "a text to go on from, as it is");
  auto* chat = command->add_option("--chat", a->chat, "a message of the user");
  command->add_option("--file", a->file, "JSON lines with `prompt` or `messages`");
  command->add_option("--system", a->system, "a system message for chats and messages");
  command->add_option("--chat-format", options.chat_format,
                      "chatml, llama3, qwen, deepseek-r1, r1-zero or plain; the model's if absent");
  add_sampling_options(*command, *a);
  command->add_flag("--print-prompt", a->print_prompt,
                    "print the prompts as the model gets them, as JSON lines, and stop");
  command->add_flag("--no-generation-prompt", a->no_generation_prompt,
                    "end messages where they end, not where the answer begins");
  command->add_flag("--stats", a->stats, "print the speed also where there is no terminal");
  command->callback([a, prompt, chat, &action] {
    a->prompt_given = prompt->count() > 0;
    a->chat_given = chat->count() > 0;
    action = [a](const Environment& environment) { return generate(*a, environment); };
  });
}

}  // namespace reckon::cli
