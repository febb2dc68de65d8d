#pragma once

#include <string>

#include "cli/command.h"

namespace reckon::cli {

/// The command line of one executable: options that every command takes, and the way from a parsed
/// command to an exit status. Not thread-safe.
class Program {
 public:
  Program();

  /// To be given to the `add_` functions of the commands.
  CLI::App& app() { return app_; }
  Action& action() { return action_; }

  /// Parses the command line and runs what it asks for. `prepare` is called in between. Whatever
  /// goes wrong becomes one message on standard error.
  int run(int argc, char** argv, const std::function<void(const Environment&)>& prepare = {});

 private:
  CLI::App app_;
  Action action_;
  int threads_ = 0;
};

}  // namespace reckon::cli
