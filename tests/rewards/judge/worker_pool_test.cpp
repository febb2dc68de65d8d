#include "rewards/judge/worker_pool.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/judge/judge_client.h"
#include "tests/rewards/judge/hostile_options.h"
#include "tests/rewards/judge/processes.h"

using namespace reckon;
using namespace reckon::rewards;
using namespace reckon::test;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

/// What became of a request of `kind` amid 200 plain ones, and how long it all took.
struct Amid {
  json bad;
  int wrong = 0;  ///< of the plain ones
  milliseconds time{};
};
Amid amid(const std::string& kind, int workers) {
  JudgeClient client(hostile_judge(workers));
  std::vector<json> requests(200, echo("right"));
  client.ask(requests);
  requests[50] = {{"kind", kind}};
  const auto start = std::chrono::steady_clock::now();
  auto answers = client.ask(requests);
  Amid result;
  result.time = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  result.bad = std::move(answers[50]);
  answers.erase(answers.begin() + 50);
  for (const auto& answer : answers) result.wrong += answer["reason"] != "equal_text";
  return result;
}

}  // namespace

TEST_CASE("a request that loops is stopped after a second, and no other pays for it") {
  for (const int workers : {1, 3}) {
    const Amid result = amid("test_loop", workers);
    CHECK(result.bad["reason"] == "timeout");
    CHECK(result.bad["score"] == 0.0);
    CHECK(result.wrong == 0);
    CHECK(result.time > milliseconds(950));
    CHECK(result.time < milliseconds(4000));  // a busy machine gives it more wall time
  }
}

TEST_CASE("a request that aborts two workers has died, and no other pays for it") {
  const Amid result = amid("test_abort", 2);
  CHECK(result.bad["reason"] == "worker_died");
  CHECK(result.bad["score"] == 0.0);
  CHECK(result.wrong == 0);
}

TEST_CASE("a request that takes memory without end is stopped at half a gigabyte") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  MESSAGE("skipped: workers have no bound on memory under a sanitizer");
#else
  const Amid result = amid("test_allocate", 1);
  CHECK(result.bad["reason"] == "worker_died");
  CHECK(result.wrong == 0);
#endif
}

TEST_CASE("a request over which one worker died is tried once more") {
  const auto once =
      std::filesystem::temp_directory_path() / ("reckon-die-once-" + std::to_string(::getpid()));
  std::ofstream(once) << "x";
  JudgeClient client(hostile_judge());
  json request = echo("right");
  request["kind"] = "test_die_once";
  request["once"] = once.string();
  CHECK(client.ask({&request, 1})[0]["reason"] == "equal_text");
  CHECK(!std::filesystem::exists(once));
}

TEST_CASE("many requests that loop are stopped side by side, a second each") {
  JudgeClient client(hostile_judge(2));
  std::vector<json> requests(40, echo("right"));
  for (const size_t i : {3, 4, 5, 6}) requests[i] = {{"kind", "test_loop"}};
  const auto start = std::chrono::steady_clock::now();
  const auto answers = client.ask(requests);
  const auto time = std::chrono::steady_clock::now() - start;
  MESSAGE("four loops and two workers: ", std::chrono::duration<double>(time).count(), " s");
  CHECK(time < milliseconds(12'000));
  for (size_t i = 0; i < 40; ++i) {
    CHECK(answers[i]["reason"] == (i >= 3 && i <= 6 ? "timeout" : "equal_text"));
  }
}

TEST_CASE("a worker that is killed is replaced within a few milliseconds") {
  JudgeClient client(hostile_judge());
  const json good = echo("right"), bad{{"kind", "test_abort"}};
  client.ask({&good, 1});
  const auto start = std::chrono::steady_clock::now();
  client.ask({&bad, 1});
  client.ask({&good, 1});
  const auto time = std::chrono::steady_clock::now() - start;
  MESSAGE("two deaths and a third worker: ",
          std::chrono::duration<double, std::milli>(time).count(), " ms");
  CHECK(time < milliseconds(300));
}

TEST_CASE("workers that cannot start are an error, not a verdict") {
  WorkerPoolOptions options;
  options.workers = 1;
  options.command = {"/bin/false"};
  WorkerPool pool(options, [](uint64_t, std::string_view) { FAIL("there is no answer"); });
  pool.submit(1, "echo\n{}");
  const auto run = [&] {
    for (int i = 0; i < 100; ++i) {
      PollSet polls;
      polls.wake_at(Clock::now() + milliseconds(20));
      pool.prepare(polls);
      polls.wait();
    }
  };
  CHECK_THROWS_AS(run(), Error);
}
