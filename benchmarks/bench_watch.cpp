// What the live page costs: how long a long run takes to open and how much memory that needs, and
// how much 50 readers slow the program that writes the run.
//
//     bench_watch [--steps N] [--bytes N] [--readers N] [--repetitions N]
//
// Prints one JSON line a measurement. The folder of the first one (100,000 steps of 60 numbers and
// 1 GB of answers unless told otherwise) is made in the folder for temporary files.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "core/build_info.h"
#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "core/progress.h"
#include "watch/live_site.h"
#include "watch/server.h"

namespace reckon::bench {
namespace {

using nlohmann::json;
using watch::LiveSite;
using watch::RunCatalog;

struct WatchOptions {
  int64_t steps = 100'000;
  uint64_t bytes = 1'000'000'000;
  int readers = 50;
  int repetitions = 5;
};

WatchOptions read_watch_options(int argc, char** argv) {
  WatchOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--steps") options.steps = std::max(1LL, std::atoll(argv[i + 1]));
    if (name == "--bytes") options.bytes = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--readers") options.readers = std::max(0, std::atoi(argv[i + 1]));
    if (name == "--repetitions") options.repetitions = std::max(1, std::atoi(argv[i + 1]));
  }
  return options;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

json measured(const char* name) {
  return {{"bench", name},
          {"cores", std::thread::hardware_concurrency()},
          {"build", kBuildType},
          {"version", kVersion}};
}

void make_long_run(const std::filesystem::path& folder, const WatchOptions& options) {
  std::ofstream(folder / "recipe.json")
      << R"({"recipe":{"name":"long","stages":[{"name":"zero","kind":"grpo"}]}})";
  std::ofstream metrics(folder / "metrics.jsonl");
  std::ofstream completions(folder / "completions.jsonl");
  const uint64_t answers = 8;
  const auto steps = static_cast<uint64_t>(options.steps);
  const std::string text(options.bytes / (steps * answers) - 250, 'w');
  for (int64_t step = 1; step <= options.steps; ++step) {
    json row = {{"stage", "zero"}, {"kind", "grpo"}, {"step", step}, {"step_time", 0.123456789}};
    for (int i = 0; i < 60; ++i) {
      row[fmt::format("group/number_{}", i)] = static_cast<double>(step * (i + 3) % 1009) / 1009.0;
    }
    metrics << row.dump() << '\n';
    for (uint64_t sample = 0; sample < answers; ++sample) {
      completions << R"({"advantage":0.5,"completion":")" << text
                  << R"(\n","difficulty":"easy","extracted":"7","finish_reason":"stop",)"
                  << R"("gold":"7","num_tokens":61,"prompt":"1 + 6","prompt_index":)" << step
                  << R"(,"reason":"correct","reward":1.0,"rewards":{"countdown":1.0},"sample":)"
                  << sample << R"(,"stage":"zero","step":)" << step << "}\n";
    }
  }
}

// Opens the run as a new page does, in a process of its own, so that its memory is its own.
void open_once(const std::filesystem::path& folder, int result) {
  const double begin = steady_seconds();
  RunCatalog catalog(folder);
  catalog.poll();
  const LiveSite site(catalog);
  const std::string run = "/api/run/" + catalog.list().at(0).id;
  size_t bytes = 0;
  for (const char* part : {"", "/metrics", "/completions"}) {
    bytes += site.answer({"GET", run + part, "localhost", {}}).body.size();
  }
  const double opened = steady_seconds();
  bytes += site.answer({"GET", run + "/metrics", "localhost", {}}).body.size();
  const double again = steady_seconds();
  site.answer({"GET", run + "/search", "localhost", {{"q", "nowhere to be found"}}});
  const double searched = steady_seconds();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const std::string line = fmt::format("{} {} {} {} {}", opened - begin, again - opened,
                                       searched - again, usage.ru_maxrss, bytes);
  if (::write(result, line.data(), line.size()) < 0) std::perror("write");
}

void bench_open(const WatchOptions& options) {
  const TempFolder folder;
  make_long_run(folder.path(), options);
  std::vector<double> open, again, search, memory;
  for (int i = 0; i < options.repetitions; ++i) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    const pid_t child = ::fork();
    if (child == 0) {
      open_once(folder.path(), ends[1]);
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    char line[200] = {};
    double values[4] = {};
    if (::read(ends[0], line, sizeof line - 1) < 0) return;
    ::close(ends[0]);
    ::close(ends[1]);
    std::sscanf(line, "%lf %lf %lf %lf", &values[0], &values[1], &values[2], &values[3]);
    open.push_back(values[0]);
    again.push_back(values[1]);
    search.push_back(values[2]);
    memory.push_back(values[3] / 1000.0);
  }
  json line = measured("open_long_run");
  line.update(
      {{"steps", options.steps},
       {"metrics_bytes", std::filesystem::file_size(folder.path() / "metrics.jsonl")},
       {"completions_bytes", std::filesystem::file_size(folder.path() / "completions.jsonl")},
       {"open_seconds", median(open)},
       {"open_seconds_slowest", *std::max_element(open.begin(), open.end())},
       {"metrics_again_seconds", median(again)},
       {"search_seconds", median(search)},
       {"peak_memory_mb", median(memory)}});
  fmt::print("{}\n", json_text(line));
}

// What a step of a run does here: some computing, and lines in three files.
double write_steps(const std::filesystem::path& folder, int steps) {
  JsonlWriter metrics(folder / "metrics.jsonl"), completions(folder / "completions.jsonl");
  const double begin = steady_seconds();
  volatile double sink = 0.0;
  for (int step = 1; step <= steps; ++step) {
    for (int i = 0; i < 10'000'000; ++i) sink = sink + 1.0 / (1.0 + i);
    for (int i = 0; i < 32; ++i) {
      completions.write({{"completion", std::string(500, 'x')}, {"stage", "zero"}, {"step", step}});
    }
    metrics.write({{"stage", "zero"}, {"kind", "grpo"}, {"step", step}, {"reward", 0.5}});
    write_file_atomic(folder / "status.json", R"({"state":"running"})", Durability::process);
  }
  return steady_seconds() - begin;
}

std::string request(int port, const std::string& target, bool wait) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string text = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
    char bytes[65536];
    ssize_t got = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    while (got > 0 && wait) {
      got = ::recv(fd, bytes, sizeof bytes, 0);
      if (got > 0) answer.append(bytes, static_cast<size_t>(got));
    }
  }
  if (wait) ::close(fd);  // a reader of events stays until the process ends
  return answer;
}

// The server with its readers in a process of its own, as beside a real run: all follow events, and
// two of them, as open pages do, fetch what is new each second.
pid_t start_readers(const std::filesystem::path& folder, int readers) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  RunCatalog catalog(folder);
  watch::Server server(catalog);
  const std::string run = "/api/run/" + catalog.list().at(0).id;
  for (int i = 0; i < readers; ++i) request(server.port(), "/api/events", false);
  while (true) {
    for (int page = 0; page < 2; ++page) request(server.port(), run + "/metrics", true);
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

void bench_readers(const WatchOptions& options) {
  const int steps = 100;
  std::vector<double> alone, watched;
  const auto once = [&](bool with_readers) {
    const TempFolder folder;
    std::ofstream(folder.path() / "recipe.json") << R"({"recipe":{"name":"r","stages":[]}})";
    const pid_t child = with_readers ? start_readers(folder.path(), options.readers) : 0;
    if (child > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
    (with_readers ? watched : alone).push_back(write_steps(folder.path(), steps));
    if (child > 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  };
  for (int i = 0; i < options.repetitions; ++i) {
    once(false);
    once(true);
  }
  json line = measured("readers_beside_a_run");
  line.update({{"readers", options.readers},
               {"step_seconds_alone", median(alone) / steps},
               {"step_seconds_watched", median(watched) / steps},
               {"ratio", median(watched) / median(alone)},
               {"alone_spread", *std::max_element(alone.begin(), alone.end()) /
                                    *std::min_element(alone.begin(), alone.end())}});
  fmt::print("{}\n", json_text(line));
}

}  // namespace
}  // namespace reckon::bench

int main(int argc, char** argv) {
  const auto options = reckon::bench::read_watch_options(argc, argv);
  reckon::bench::bench_open(options);
  reckon::bench::bench_readers(options);
  return 0;
}
