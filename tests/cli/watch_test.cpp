// `reckon watch` as users call it; what the page gets is tested in tests/watch.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "tests/cli/process.h"
#include "tests/cli/small_recipe.h"
#include "tests/watch/http_client.h"

using namespace reckon;
using namespace reckon::tests;

namespace {

bool answers(int port) {
  try {
    return watch::http_status(watch::http_get(port, "/api/runs")) == 200;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("watch serves a folder until it is interrupted, also one that is not there yet") {
  const TempFolder folder;
  const int port = 20'000 + static_cast<int>(::getpid() % 20'000);
  Launch launch;
  launch.arguments = {"watch", "later", "--port", std::to_string(port)};
  launch.folder = folder.path();
  Process process(launch);
  REQUIRE(process.runs_until([&] { return answers(port); }));
  // A port that was asked for and is taken is an error.
  const Outcome second = run_program({"watch", "--port", std::to_string(port)});
  CHECK(second.status == 1);
  CHECK(error_lines(second.err) == 1);
  process.send(SIGINT);
  const Outcome outcome = process.wait();
  CHECK(outcome.status == 0);
  CHECK(outcome.out == fmt::format("http://127.0.0.1:{}/\n", port));
  CHECK(outcome.err.find("there is no folder later yet") != std::string::npos);
}

TEST_CASE("run --watch shows the address of its page, and leaves nothing behind") {
  const TempFolder folder;
  const auto recipe = write_recipe(folder.path(), pretrain_recipe());
  Launch launch = run_launch(recipe, folder.path() / "out");
  launch.arguments.push_back("--watch");
  // No browser, and no settings that name one.
  const std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  const std::string path = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
  ::setenv("HOME", folder.path().c_str(), 1);
  ::setenv("PATH", folder.path().c_str(), 1);
  const Outcome outcome = run_program(launch);
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("PATH", path.c_str(), 1);
  CHECK(outcome.status == 0);
  const std::string said = "live page: http://127.0.0.1:";
  const size_t at = outcome.err.find(said);
  REQUIRE(at != std::string::npos);
  CHECK(!answers(std::stoi(outcome.err.substr(at + said.size()))));
}

TEST_CASE("watch of a file is a wrong request") {
  const Outcome outcome = run_program({"watch", "/dev/null"});
  CHECK(outcome.status == 2);
  CHECK(error_lines(outcome.err) == 1);
}
