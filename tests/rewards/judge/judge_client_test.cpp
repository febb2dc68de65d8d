#include "rewards/judge/judge_client.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/error.h"
#include "tests/rewards/judge/hostile_options.h"
#include "tests/rewards/judge/processes.h"

using namespace reckon;
using namespace reckon::rewards;
using namespace reckon::test;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

std::vector<json> echoes(int count) {
  std::vector<json> requests;
  for (int i = 0; i < count; ++i) requests.push_back(echo(std::to_string(i)));
  return requests;
}

ErrorCode code_of(JudgeClient& client, const json& request) {
  try {
    client.ask({&request, 1});
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::internal;
}

/// The one judge below this process; there may be tests of other files, but none at the same time.
pid_t judge_pid() {
  for (const pid_t pid : descendants(::getpid())) {
    if (parent_of(pid) == ::getpid()) return pid;
  }
  return 0;
}

}  // namespace

TEST_CASE("answers come in the order of the requests, the same from 1 and from 4 workers") {
  auto requests = echoes(1000);
  std::mt19937 shuffle(5);
  std::shuffle(requests.begin(), requests.end(), shuffle);
  for (int i = 0; i < 1000; i += 100) requests[static_cast<size_t>(i)] = {{"kind", "test_abort"}};
  JudgeClient one(hostile_judge(1)), four(hostile_judge(4));
  const auto first = one.ask(requests), second = four.ask(requests);
  REQUIRE(first.size() == 1000);
  CHECK(first == second);
  for (size_t i = 0; i < 1000; ++i) {
    if (i % 100 == 0) {
      CHECK(first[i]["reason"] == "worker_died");
    } else {
      CHECK(first[i]["extracted"] == requests[i]["text"]);
    }
  }
}

TEST_CASE("requests of several threads are under way at once") {
  JudgeClient client(hostile_judge(2));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 50; ++round) {
        const std::vector<json> requests(3, echo(std::to_string(t) + "/" + std::to_string(round)));
        for (const auto& answer : client.ask(requests)) {
          wrong[t] += answer["extracted"] != requests[0]["text"];
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("no request at all needs no judge") {
  JudgeOptions options;
  options.program = "/nowhere/judge";
  JudgeClient client(options);
  CHECK(client.ask({}).empty());
  CHECK(code_of(client, echo("x")) == ErrorCode::not_found);
}

TEST_CASE("a wrong request is an error of its own, and the next one is served") {
  JudgeClient client(hostile_judge());
  CHECK(code_of(client, {{"kind", "nonsense"}}) == ErrorCode::unsupported);
  CHECK(code_of(client, {{"kind", "test_refuse"}}) == ErrorCode::invalid_argument);
  const auto requests = echoes(1);
  CHECK(client.ask(requests)[0]["extracted"] == "0");
}

TEST_CASE("where there is no isolation, requests that need it say so") {
  auto options = hostile_judge();
  options.best_effort = false;
  JudgeClient client(options);
  CHECK(code_of(client, {{"kind", "test_sleep"}}) == ErrorCode::unsupported);
  const auto requests = echoes(1);
  CHECK(client.ask(requests)[0]["extracted"] == "0");
}

TEST_CASE("requests for sandboxes run side by side") {
  JudgeClient client(hostile_judge());
  const std::vector<json> requests(2, {{"kind", "test_sleep"}, {"ms", 1000}, {"text", "slept"}});
  const auto start = std::chrono::steady_clock::now();
  const auto answers = client.ask(requests);
  CHECK(std::chrono::steady_clock::now() - start < milliseconds(1950));
  CHECK(answers[1]["extracted"] == "slept");
}

TEST_CASE("a judge that dies is started again and asked what it left open") {
  JudgeClient client(hostile_judge());
  const auto requests = echoes(3);
  client.ask(requests);
  const pid_t first = judge_pid();
  REQUIRE(first > 0);
  std::thread killer([&] {
    std::this_thread::sleep_for(milliseconds(100));
    ::kill(first, SIGKILL);
  });
  const std::vector<json> slow(3, {{"kind", "test_sleep"}, {"ms", 300}, {"text", "slept"}});
  CHECK(client.ask(slow)[2]["extracted"] == "slept");
  killer.join();
  CHECK(judge_pid() != first);
}

TEST_CASE("nothing is left over after the client: no process, no descriptor") {
  const size_t before = open_descriptors();
  {
    JudgeClient client(hostile_judge(3));
    client.ask(echoes(100));
    CHECK(descendants(::getpid()).size() == 4);
  }
  CHECK(descendants(::getpid()).empty());
  CHECK(open_descriptors() == before);
}

TEST_CASE("a trainer that is killed takes its judge and the workers along") {
  int ready[2];
  REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
  const pid_t trainer = ::fork();
  if (trainer == 0) {
    JudgeClient client(hostile_judge(2));
    client.ask(echoes(2));
    [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
    const std::vector<json> endless(2, {{"kind", "test_sleep"}, {"ms", 20'000}});
    client.ask(endless);
    ::_exit(0);
  }
  char byte = 0;
  CHECK(::read(ready[0], &byte, 1) == 1);
  std::this_thread::sleep_for(milliseconds(50));
  const auto family = descendants(trainer);
  CHECK(family.size() == 3);
  ::kill(trainer, SIGKILL);
  ::waitpid(trainer, nullptr, 0);
  const auto gone = [&] {
    return std::none_of(family.begin(), family.end(), [](pid_t pid) { return parent_of(pid) > 0; });
  };
  CHECK(eventually(gone, milliseconds(1000)));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("workers have no descriptor but their line, and inherit none of the trainer's") {
  const int leak = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  JudgeClient client(hostile_judge());
  const json request{{"kind", "test_descriptors"}};
  CHECK(client.ask({&request, 1})[0]["extracted"] == "0 ");
  ::close(leak);
}
