#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "cli/browser.h"
#include "cli/command.h"
#include "cli/watch_terminal.h"
#include "core/error.h"
#include "core/shutdown.h"
#include "watch/server.h"

namespace reckon::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kUsualPort = 8642;

struct Arguments {
  std::string folder = "runs";
  std::string host = "127.0.0.1";
  std::optional<int> port;
  bool open = false;
  bool terminal = false;
  bool once = false;
};

// The usual port, or any free one if another program, perhaps another watch, has it.
std::unique_ptr<watch::Server> start(watch::RunCatalog& catalog, const Arguments& arguments) {
  watch::ServerOptions options;
  options.host = arguments.host;
  options.port = arguments.port.value_or(kUsualPort);
  try {
    return std::make_unique<watch::Server>(catalog, options);
  } catch (const Error&) {
    if (arguments.port) throw;
    options.port = 0;
    return std::make_unique<watch::Server>(catalog, options);
  }
}

int watch_folder(const Arguments& arguments) {
  std::error_code ignored;
  const fs::path folder(arguments.folder);
  const bool is_there = fs::exists(folder, ignored);
  check(!is_there || fs::is_directory(folder, ignored), ErrorCode::invalid_argument,
        "expected a folder, got a file, in {}", arguments.folder);
  install_shutdown_handlers();
  // A run on this machine goes first; where this is refused nothing is lost.
  constexpr int lower = 5;
  [[maybe_unused]] const int ignored_priority = ::nice(lower);
  watch::RunCatalog catalog(folder);
  if (arguments.terminal) return watch_in_terminal(catalog, arguments.once);
  const auto server = start(catalog, arguments);
  fmt::print("{}\n", server->address());
  std::fflush(stdout);
  if (!is_there) {
    fmt::print(stderr, "reckon: there is no folder {} yet; runs are shown when they come\n",
               arguments.folder);
  }
  std::optional<Browser> browser;
  if (arguments.open) browser.emplace(server->address());
  while (!shutdown_requested()) {
    if (browser) browser->look();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  server->stop();
  return done;
}

}  // namespace

void add_watch(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "watch",
      "Show runs in a browser while they learn: curves, answers, and what goes wrong.\n\n"
      "  reckon watch                  all runs below the folder runs\n"
      "  reckon watch runs/tiny-zero --open\n"
      "  reckon watch --terminal       the newest run in this terminal; q ends it\n\n"
      "Prints the address of the page and serves it until interrupted. Nothing can be changed\n"
      "through it, and nothing outside of the folder can be read.\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("FOLDER", arguments->folder, "a run folder, or a folder that holds some")
      ->capture_default_str();
  auto* host = command
                   ->add_option("--host", arguments->host,
                                "address to listen at; others than this machine "
                                "can read the page if it is not a local one")
                   ->capture_default_str();
  auto* port =
      command
          ->add_option(
              "--port", arguments->port,
              fmt::format("port to listen at, 0 for any (default: {}, or any if it is taken)",
                          kUsualPort))
          ->check(CLI::Range(0, 65535));
  auto* open = command->add_flag("--open", arguments->open, "open the page in a browser");
  auto* terminal =
      command
          ->add_flag("--terminal", arguments->terminal,
                     "show the newest run in the terminal instead; once, if it is none")
          ->excludes(host)
          ->excludes(port)
          ->excludes(open);
  command->add_flag("--once", arguments->once, "show the run once and end")->needs(terminal);
  command->callback([arguments, &action] {
    action = [arguments](const Environment&) { return watch_folder(*arguments); };
  });
}

}  // namespace reckon::cli
