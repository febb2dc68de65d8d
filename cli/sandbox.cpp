#include "sandbox/sandbox.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "core/error.h"
#include "core/files.h"
#include "core/shutdown.h"

namespace reckon::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kMostSeconds = 86'400.0;

struct Arguments {
  std::string file;
  std::string language;
  std::string require = "strict";
  bool check = false;
  std::optional<double> cpu_s, wall_s;
  std::optional<std::string> memory, output, disk;
  std::optional<int64_t> processes, open_files;
};

// "256M", "1G", "4096": a number of bytes, with a factor of 1024 per letter.
int64_t bytes_of(const std::string& text, std::string_view option) {
  constexpr std::string_view kUnits = "KMG";
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  int shift = 0;
  bool known = unit.empty();
  if (unit.size() == 1) {
    const size_t at = kUnits.find(static_cast<char>(std::toupper(unit[0])));
    known = at != std::string_view::npos;
    shift = known ? 10 * (static_cast<int>(at) + 1) : 0;
  }
  constexpr int64_t kMost = int64_t{1} << 50;
  check(error == std::errc() && known && value > 0 && value <= kMost >> shift,
        ErrorCode::invalid_argument, "expected a size such as 256M, got '{}', in {}", text, option);
  return value << shift;
}

sandbox::Language language_of(const Arguments& arguments) {
  if (!arguments.language.empty()) {
    const auto language = sandbox::language_from(arguments.language);
    check(language.has_value(), ErrorCode::invalid_argument,
          "expected python, c++, c or bash, got '{}', in --language", arguments.language);
    return *language;
  }
  const std::string suffix = fs::path(arguments.file).extension().string();
  constexpr std::array<std::pair<std::string_view, sandbox::Language>, 7> kSuffixes = {{
      {".py", sandbox::Language::python},
      {".cpp", sandbox::Language::cpp},
      {".cc", sandbox::Language::cpp},
      {".cxx", sandbox::Language::cpp},
      {".c", sandbox::Language::c},
      {".sh", sandbox::Language::bash},
      {".bash", sandbox::Language::bash},
  }};
  for (const auto& [known, language] : kSuffixes) {
    if (suffix == known) return language;
  }
  fail(ErrorCode::invalid_argument,
       "expected --language python, c++, c or bash, as the name '{}' does not tell",
       arguments.file);
}

sandbox::Limits limits_of(const Arguments& arguments, sandbox::Language language) {
  sandbox::Limits limits = sandbox::run_limits(language);
  for (const auto& seconds : {arguments.cpu_s, arguments.wall_s}) {
    check(!seconds || (*seconds > 0.0 && *seconds <= kMostSeconds), ErrorCode::invalid_argument,
          "expected seconds above 0, at most {}, got {}, in --cpu or --time", kMostSeconds,
          seconds.value_or(0.0));
  }
  if (arguments.cpu_s) {
    limits.cpu_s = *arguments.cpu_s;
    limits.wall_s = 3.0 * limits.cpu_s + 2.0;
  }
  if (arguments.wall_s) limits.wall_s = *arguments.wall_s;
  if (arguments.memory) limits.memory_bytes = bytes_of(*arguments.memory, "--memory");
  if (arguments.output) limits.stdout_bytes = bytes_of(*arguments.output, "--output");
  if (arguments.disk) {
    limits.disk_bytes = bytes_of(*arguments.disk, "--disk");
    // Who asks for room means files, too: one may then fill all of it.
    limits.file_bytes = std::max(limits.file_bytes, limits.disk_bytes);
  }
  if (arguments.processes) limits.processes = *arguments.processes;
  if (arguments.open_files) limits.open_files = *arguments.open_files;
  // The backstop of one process must not come before the limit of all.
  limits.address_space_bytes = std::max(limits.address_space_bytes, 2 * limits.memory_bytes);
  return limits;
}

nlohmann::ordered_json to_json(const sandbox::Outcome& outcome) {
  nlohmann::ordered_json json;
  json["outcome"] = sandbox::to_string(outcome.outcome);
  json["exit_code"] = nullptr;
  json["signal"] = nullptr;
  if (outcome.exit_code >= 0) json["exit_code"] = outcome.exit_code;
  if (outcome.signal > 0) json["signal"] = outcome.signal;
  json["cpu_s"] = outcome.cpu_s;
  json["wall_s"] = outcome.wall_s;
  json["peak_memory_bytes"] = outcome.peak_memory_bytes;
  json["peak_processes"] = outcome.peak_processes;
  json["stdout"] = outcome.stdout_bytes;
  json["stderr"] = outcome.stderr_bytes;
  json["truncated"] = outcome.truncated;
  json["backend"] = outcome.backend;
  json["layers"] = outcome.layers;
  json["inferred"] = outcome.inferred;
  if (!outcome.message.empty()) json["message"] = outcome.message;
  return json;
}

int print_layers(const sandbox::SandboxOptions& options) {
  bool all = true;
  for (const auto& layer : sandbox::probe_layers(options)) {
    fmt::print("{:<24} {:<8} {}\n", layer.name,
               layer.present  ? "yes"
               : layer.needed ? "MISSING"
                              : "no",
               layer.detail);
    all = all && (layer.present || !layer.needed);
  }
  return all ? done : run_failed;
}

// Once per program: what its limits and isolation lack.
void warn(const sandbox::Outcome& outcome, const sandbox::SandboxOptions& options) {
  if (outcome.backend == "rlimit") {
    fmt::print(stderr,
               "reckon: warning: no control groups here: memory, CPU time and processes of the "
               "whole program are only watched, not limited by the kernel\n");
  }
  if (options.require == sandbox::Require::strict) return;
  for (const auto& layer : sandbox::probe_layers(options)) {
    if (layer.present || !layer.needed) continue;
    fmt::print(stderr, "reckon: warning: runs without {}: {}\n", layer.name, layer.detail);
  }
}

// Standard input is copied while the program runs: it may be long, or never end.
sandbox::Outcome run_with_input(sandbox::Sandbox& maker, sandbox::Language language,
                                const std::string& source, const sandbox::Limits& limits) {
  sandbox::Prepared prepared = sandbox::prepare(maker, language, source);
  if (prepared.compilation.outcome != sandbox::OutcomeKind::ok) return prepared.compilation;
  sandbox::Outcome outcome;
  const auto box = maker.open({std::move(prepared.files), limits}, outcome.message);
  if (!box) return outcome;
  sandbox::Run run;
  run.argv = std::move(prepared.argv);
  run.input_source = STDIN_FILENO;
  run.limits = limits;
  return box->run(run);
}

// Whatever cannot be read is a wrong request.
std::string read_source(const std::string& path) {
  try {
    return read_file(path);
  } catch (const Error& error) {
    throw Error(ErrorCode::invalid_argument, error.what(), error.where());
  }
}

int run_sandbox(const Arguments& arguments) {
  sandbox::SandboxOptions options;
  options.slots = 1;
  if (arguments.require == "best_effort") options.require = sandbox::Require::best_effort;
  if (arguments.check) return print_layers(options);
  check(!arguments.file.empty(), ErrorCode::invalid_argument, "expected a FILE to run, got none");
  const sandbox::Language language = language_of(arguments);
  const sandbox::Limits limits = limits_of(arguments, language);
  const std::string source = read_source(arguments.file);
  // An interrupted run is ended like any other, so that nothing of it is left.
  install_shutdown_handlers();
  options.stop = shutdown_requested;
  options.probe = false;
  auto outcome = run_with_input(*sandbox::make_sandbox(options), language, source, limits);
  if (outcome.outcome == sandbox::OutcomeKind::not_started) {
    // Now it matters which layer is missing, and whether the user wants to go on without.
    options.probe = true;
    outcome = run_with_input(*sandbox::make_sandbox(options), language, source, limits);
  }
  warn(outcome, options);
  // Outputs are bytes; what is not UTF-8 is replaced for display.
  fmt::print("{}\n",
             to_json(outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return done;
}

}  // namespace

void add_sandbox(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "sandbox",
      "Run one untrusted program in isolation and print what became of it as JSON.\n\n"
      "  reckon sandbox --language python --cpu 2 --memory 256M program.py < input.txt\n"
      "  reckon sandbox --check\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("FILE", arguments->file, "the program's source");
  command->add_option("--language", arguments->language,
                      "python, c++, c or bash (default: by the name of FILE)");
  const auto time = CLI::Range(0.01, 86400.0);
  command->add_option("--cpu", arguments->cpu_s, "seconds of CPU time of all its processes")
      ->check(time);
  command->add_option("--time", arguments->wall_s, "seconds on the clock (default: 3 x CPU + 2)")
      ->check(time);
  command->add_option("--memory", arguments->memory, "memory of all its processes, such as 256M");
  command->add_option("--processes", arguments->processes, "processes and threads at once")
      ->check(CLI::Range(1, 100000));
  command->add_option("--output", arguments->output, "most bytes of standard output");
  command->add_option("--disk", arguments->disk, "size of its writable folder");
  command->add_option("--open-files", arguments->open_files, "open descriptors of one process")
      ->check(CLI::Range(8, 100000));
  command
      ->add_option("--require", arguments->require,
                   "strict: refuse to run without every layer of isolation; best_effort: run "
                   "with what the machine has")
      ->check(CLI::IsMember({"strict", "best_effort"}));
  command->add_flag("--check", arguments->check, "print the layers of isolation of this machine");
  command->callback([arguments, &action] {
    action = [arguments](const Environment&) { return run_sandbox(*arguments); };
  });
}

}  // namespace reckon::cli
