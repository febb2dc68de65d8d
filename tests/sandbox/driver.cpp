// The command `reckon sandbox` alone, without LibTorch: what the tests of this folder run.
#include <cstdio>

#include "cli/command.h"
#include "core/error.h"

int main(int argc, char** argv) {
  using namespace reckon;
  CLI::App app{"reckon sandbox, for tests"};
  app.require_subcommand(1);
  cli::Action action;
  cli::add_sandbox(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::done : cli::wrong_request;
  }
  try {
    return action({});
  } catch (const Error& error) {
    fmt::print(stderr, "reckon: error: {}\n", error.what());
    const bool failed = error.code() == ErrorCode::io || error.code() == ErrorCode::internal;
    return failed ? cli::run_failed : cli::wrong_request;
  }
}
