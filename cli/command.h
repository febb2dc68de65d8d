#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace reckon::cli {

/// Exit status of the program.
enum ExitStatus : int { done = 0, run_failed = 1, wrong_request = 2 };

/// What the command line decides for all commands.
struct Environment {
  int threads = 1;             ///< of computation
  bool threads_given = false;  ///< by --threads
  bool is_terminal = false;    ///< whether standard error is a terminal
  std::string command;         ///< as typed
};

/// Adds a subcommand to `app`; its callback stores what is to be run in `action`.
using Action = std::function<int(const Environment&)>;
void add_run(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_generate(CLI::App& app, Action& action);
void add_logprobs(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_recipes(CLI::App& app, Action& action);
void add_convert(CLI::App& app, Action& action);
void add_tokenize(CLI::App& app, Action& action);
void add_table(CLI::App& app, Action& action);
void add_watch(CLI::App& app, Action& action);
void add_sandbox(CLI::App& app, Action& action);

/// Sets threads of computation for the whole process.
void set_threads(int threads);

}  // namespace reckon::cli
