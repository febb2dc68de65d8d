#include "watch/server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/error.h"
#include "core/progress.h"
#include "tests/watch/http_client.h"
#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::watch;

namespace {

/// A server of one made-up run.
struct Served {
  Served() : catalog(files.path()), server(catalog, {.poll_seconds = 0.02}) {}

  std::string get(const std::string& target, const std::string& method = "GET",
                  const std::string& more = "") const {
    return http_get(server.port(), target, method, more);
  }

  /// Filled before the catalog looks at it.
  struct Filled : RunFiles {
    Filled() {
      put_recipe();
      put_metrics(20);
      add_completion(1, 4, 0, "easy", "wait", true);
    }
  };

  Filled files;
  RunCatalog catalog;
  Server server;
};

// A reader of events that got its welcome.
std::unique_ptr<HttpClient> event_reader(int port) {
  auto client = std::make_unique<HttpClient>(port);
  client->send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client->receive(10.0, "welcome").find("text/event-stream") != std::string::npos);
  return client;
}

bool comes_true(const std::function<bool()>& condition, double seconds = 10.0) {
  const double end = steady_seconds() + seconds;
  while (!condition()) {
    if (steady_seconds() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

TEST_CASE("Every answer has the headers that keep the page to itself") {
  const Served served;
  for (const char* target : {"/", "/static/watch.js", "/api/runs", "/nothing", "/api/run/x"}) {
    const std::string answer = served.get(target);
    CHECK(http_status(answer) > 0);
    for (const char* header :
         {"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
          "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'\r\n",
          "X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n",
          "Cross-Origin-Resource-Policy: same-origin\r\n", "Cache-Control: no-store\r\n"}) {
      CHECK_MESSAGE(answer.find(header) != std::string::npos, target);
    }
  }
}

TEST_CASE("Data come whole and uncompressed, heads without a body") {
  const Served served;
  const std::string answer = served.get("/api/runs", "GET", "Accept-Encoding: gzip, br\r\n");
  CHECK(answer.find("Content-Encoding") == std::string::npos);
  const auto runs = nlohmann::json::parse(http_body(answer));
  const std::string id = runs["runs"][0]["id"];
  const std::string steps = served.get("/api/run/" + id + "/metrics?keys=reward&points=5");
  CHECK(nlohmann::json::parse(http_body(steps))["stages"][1]["steps"].size() == 5);
  const std::string head = served.get("/api/runs", "HEAD");
  CHECK(http_status(head) == 200);
  CHECK(http_body(head).empty());
  CHECK(http_status(served.get("/api/events", "HEAD")) == 200);
  CHECK(served.server.event_readers() == 0);
}

TEST_CASE("Other methods and other hosts are refused, and what follows them is not read") {
  const Served served;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const std::string answer = served.get("/api/runs", method, "Content-Length: 0\r\n");
    CHECK(http_status(answer) == 405);
    CHECK(answer.find("Allow: GET, HEAD\r\n") != std::string::npos);
  }
  CHECK(http_status(http_get(served.server.port(), "/", "GET", "", "evil.example")) == 403);
  const std::string hidden = "GET /api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string answer =
      served.get("/", "POST", fmt::format("Content-Length: {}\r\n\r\n{}", hidden.size(), hidden));
  CHECK(http_status(answer) == 405);
  CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
}

TEST_CASE("Encoded paths out of the folder lead nowhere") {
  const Served served;
  for (const char* target :
       {"/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc%2fpasswd", "/../../etc/passwd",
        "/static/%00", "/api/run/%2e%2e/metrics", "/api/run/..%5c..%5c", "/%2e%2e/recipe.json"}) {
    const int status = http_status(served.get(target));
    CHECK_MESSAGE((status == 404 || status == 400), target);
  }
}

TEST_CASE("Many ranges of one body are refused") {
  const Served served;
  std::string ranges = "bytes=0-";
  for (int i = 0; i < 1000; ++i) ranges += ",0-";
  const std::string answer = served.get("/api/runs", "GET", "Range: " + ranges + "\r\n");
  CHECK(http_status(answer) == 416);
  CHECK(answer.size() < 2000);
}

TEST_CASE("Readers of events are told within moments that a file grew") {
  const Served served;
  const auto reader = event_reader(served.server.port());
  served.files.append_line("metrics.jsonl", {{"stage", "zero"}, {"step", 21}});
  const std::string event = reader->receive(10.0, "\n\n\r\n");
  CHECK(event.find("event: run\ndata: {\"files\":[\"metrics\"],\"id\":\"") != std::string::npos);
}

TEST_CASE("A bounded number of readers follow events; others still get their pages") {
  const Served served;
  std::vector<std::unique_ptr<HttpClient>> readers;
  for (int i = 0; i < 64; ++i) readers.push_back(event_reader(served.server.port()));
  CHECK(served.server.event_readers() == 64);
  CHECK(http_status(served.get("/api/events")) == 503);
  CHECK(http_status(served.get("/api/runs")) == 200);
  served.files.append_line("evals.jsonl", {{"stage", "zero"}, {"step", 21}});
  for (const auto& reader : readers) {
    CHECK(reader->receive(10.0, "evals").find("evals") != std::string::npos);
  }
  readers.pop_back();
  CHECK(comes_true([&] { return served.server.event_readers() == 63; }));
  event_reader(served.server.port());
}

TEST_CASE("Readers at once get whole answers while a run grows, is cut and goes away") {
  Served served;
  const auto runs = nlohmann::json::parse(http_body(served.get("/api/runs")));
  const std::string run = "/api/run/" + runs["runs"][0]["id"].get<std::string>();
  const std::vector<std::string> targets = {"/api/runs",
                                            run,
                                            run + "/metrics",
                                            run + "/metrics?after=0-3-20",
                                            run + "/completions",
                                            run + "/completions?stage=zero&step=1",
                                            run + "/search?q=wait",
                                            run + "/prompt?prompt_index=4"};
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (size_t reader = 0; reader < 8; ++reader) {
    readers.emplace_back([&, reader] {
      for (size_t i = 0; i < 40; ++i) {
        const auto answer = served.get(targets[(reader + i) % targets.size()]);
        const int status = http_status(answer);
        const bool is_whole =
            !nlohmann::json::parse(http_body(answer), nullptr, false).is_discarded();
        // A run that is gone is not found; nothing else may go wrong.
        if (!is_whole || (status != 200 && status != 404)) ++wrong;
      }
    });
  }
  for (int round = 0; round < 40; ++round) {
    served.files.append_line("metrics.jsonl", {{"stage", "zero"}, {"step", 21 + round}});
    served.files.add_completion(2 + round, 4, 0, "easy", "wait more", true);
    if (round % 10 == 9) std::filesystem::resize_file(served.files.file("completions.jsonl"), 30);
    if (round == 30) std::filesystem::remove(served.files.file("metrics.jsonl"));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  for (std::thread& reader : readers) reader.join();
  CHECK(wrong == 0);
}

TEST_CASE("A server stops at once while readers follow it, and its port is free again") {
  auto served = std::make_unique<Served>();
  const auto reader = event_reader(served->server.port());
  const int port = served->server.port();
  const double begin = steady_seconds();
  served->server.stop();
  CHECK(steady_seconds() - begin < 3.0);
  CHECK_THROWS_AS(HttpClient{port}, Error);
  served->server.stop();
}

TEST_CASE("A port in use is said so") {
  const Served served;
  RunCatalog catalog(served.files.path());
  CHECK_THROWS_AS(Server(catalog, {.port = served.server.port()}), Error);
}

TEST_SUITE("slow") {
  TEST_CASE("Thousands of broken and random requests do no harm") {
    const Served served;
    std::mt19937 random(7);
    const auto below = [&](size_t n) {
      return std::uniform_int_distribution<size_t>(0, n - 1)(random);
    };
    const auto runs = nlohmann::json::parse(http_body(served.get("/api/runs")));
    const std::string id = runs["runs"][0]["id"];
    const std::vector<std::string> pieces = {"GET ",
                                             "HEAD ",
                                             "POST ",
                                             "/",
                                             "/api/run/",
                                             id,
                                             "/metrics",
                                             "/completions",
                                             "/search",
                                             "?q=wait",
                                             "?step=",
                                             "&stage=zero",
                                             "&after=0-1",
                                             "%",
                                             "%00",
                                             "%zz",
                                             "%f0%28",
                                             "..",
                                             "-99999999999999999999",
                                             " HTTP/1.1\r\n",
                                             "\r\n",
                                             "\r\n\r\n",
                                             "Host: localhost\r\n",
                                             "Host: \r\n",
                                             "Range: bytes=0-,-1\r\n",
                                             "Range: bytes=99999999999999999999-\r\n",
                                             "Content-Length: 99999999999\r\n",
                                             "Content-Length: -1\r\n",
                                             "Transfer-Encoding: chunked\r\n",
                                             "Expect: 100-continue\r\n",
                                             "Connection: Upgrade\r\n",
                                             std::string("\0\x01\xff\x80", 4),
                                             std::string(9000, 'a'),
                                             "/static/",
                                             "watch.js",
                                             "?keys=,,,&points=0",
                                             "?points=-1",
                                             "#",
                                             "&&&===",
                                             "?full=1&step=1&prompt_index=4&sample=0"};
    for (int i = 0; i < 3000; ++i) {
      const HttpClient client(served.server.port());
      std::string request;
      if (below(3) > 0) request = "GET /api/run/" + id;
      for (size_t n = below(8); n > 0; --n) request += pieces[below(pieces.size())];
      if (below(4) > 0) request += " HTTP/1.1\r\nHost: localhost\r\n\r\n";
      if (below(5) == 0 && !request.empty()) request[below(request.size())] = char(below(256));
      client.send(request);
      if (i % 3 == 0) client.receive(0.005);
    }
    CHECK(http_status(served.get("/api/runs")) == 200);
  }
}
