#include "watch/live_site.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/progress.h"
#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::watch;
using nlohmann::json;

namespace {

/// A site over one made-up run.
struct Site {
  Site() : catalog(files.path()), site(catalog) {
    files.put_recipe();
    files.put("status.json", R"({"state":"finished","stage":"zero","heartbeat":1000})");
    files.put_metrics(100);
    files.add_evaluation("zero", 5, 0.5, 20.0);
    for (int step = 1; step <= 3; ++step) {
      for (int prompt = 4; prompt <= 5; ++prompt) {
        for (int sample = 0; sample < 2; ++sample) {
          files.add_completion(step, prompt, sample, "easy",
                               fmt::format("wait \"{}\" é {}", step, sample), sample == 1);
        }
      }
    }
    catalog.poll();
    id = catalog.list().at(0).id;
  }

  LiveAnswer get(const std::string& path, std::map<std::string, std::string> query = {},
                 const std::string& method = "GET", const std::string& host = "localhost:1") const {
    return site.answer({method, path, host, std::move(query)});
  }
  // The data of this run.
  json run(const std::string& part, std::map<std::string, std::string> query = {}) const {
    const LiveAnswer answer = get("/api/run/" + id + part, std::move(query));
    CHECK(answer.status == 200);
    return json::parse(answer.body);
  }
  int status(const std::string& path, std::map<std::string, std::string> query = {}) const {
    return get(path, std::move(query)).status;
  }

  RunFiles files;
  RunCatalog catalog;
  LiveSite site;
  std::string id;
};

}  // namespace

TEST_CASE("The page and its files are served under fixed names only") {
  const Site site;
  CHECK(site.get("/").type.starts_with("text/html"));
  CHECK(site.get("/static/watch.js").type.starts_with("application/javascript"));
  for (const char* name : {"watch.css", "live_plots.js", "live_answers.js", "live_status.js",
                           "dygraph.min.js", "dygraph.min.css"}) {
    CHECK(site.status(std::string("/static/") + name) == 200);
  }
  const std::string page = site.get("/").body;
  size_t files = 0;
  for (size_t at = page.find("/static/"); at != std::string::npos;
       at = page.find("/static/", at + 1)) {
    const std::string path = page.substr(at, page.find('"', at) - at);
    CHECK_MESSAGE(site.status(path) == 200, path);
    ++files;
  }
  CHECK(files > 10);
  for (const char* path :
       {"/static/", "/static/../run.json", "/static/watch.html", "/static/%2e%2e/x", "/x", "",
        "/static//etc/passwd", "//", "/api", "/api/runs/", "/API/runs"}) {
    CHECK_MESSAGE(site.status(path) == 404, path);
  }
}

TEST_CASE("Only reading is allowed, and only under this machine's name") {
  const Site site;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", ""}) {
    CHECK(site.get("/api/runs", {}, method).status == 405);
  }
  CHECK(site.get("/api/runs", {}, "HEAD").status == 200);
  for (const char* host : {"127.0.0.1", "127.0.0.1:8642", "localhost:1", "[::1]:80"}) {
    CHECK(site.get("/", {}, "GET", host).status == 200);
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example", "evil.example:8642",
                           "127.0.0.1.evil.example", "192.168.0.7", "[fe80::1]", ":80"}) {
    CHECK_MESSAGE(site.get("/", {}, "GET", host).status == 403, host);
  }
  RunCatalog catalog(site.files.path());
  const LiveSite everywhere(catalog, "0.0.0.0");
  CHECK(everywhere.answer({"GET", "/", "192.168.0.7:80", {}}).status == 200);
  CHECK(everywhere.answer({"GET", "/", "evil.example", {}}).status == 403);
  CHECK(LiveSite(catalog, "box").answer({"GET", "/", "box:80", {}}).status == 200);
}

TEST_CASE("Runs are known by ids that lead nowhere else") {
  const Site site;
  const std::string run = "/api/run/";
  for (const std::string& path :
       {run, run + "0123456789abcdef", run + "../../etc/passwd", run + site.id + "0",
        run + site.id.substr(1), run + site.id + "/..", run + site.id + "/../x",
        run + site.id + "/metrics.jsonl", run + site.id + "/metrics/", run + "%2e%2e/metrics",
        run + std::string(4000, 'a'), run + std::string("\0\n", 2)}) {
    CHECK_MESSAGE(site.status(path) == 404, path);
  }
  const std::string list = site.get("/api/runs").body;
  CHECK(json::parse(list)["runs"].size() == 1);
  CHECK(json::parse(list)["runs"][0]["state"] == "finished");
}

TEST_CASE("A run is described with its stages, tables, costs and hints") {
  const Site site;
  const json run = site.run("");
  CHECK(run["name"] == "tiny");
  CHECK(run["seed"] == 7);
  CHECK(run["stages"].size() == 3);
  CHECK(run["stages"][1]["last_step"] == 100);
  CHECK(run["status"]["id"] == site.id);
  CHECK(run["status"]["stalled"] == false);
  CHECK(run["tables"].size() == 1);
  CHECK(run["costs"]["stages"].empty());
  CHECK(run["hints"].is_array());
  CHECK(site.run("/evaluations")["evaluations"][0]["values"]["accuracy"] == 0.5);
}

TEST_CASE("Metrics are thinned, chosen by key, and continued by a token") {
  const Site site;
  const json all = site.run("/metrics");
  CHECK(all["keys"] == json({"loss", "reward", "step_time"}));
  REQUIRE(all["stages"].size() == 2);
  const json& zero = all["stages"][1];
  CHECK(zero["steps"].size() == 100);
  CHECK(zero["columns"]["reward"][99] == 1.0);
  // Time goes on from stage to stage: 3 steps of half a second come before.
  CHECK(zero["seconds"][0] == 2.5);
  const json some = site.run("/metrics", {{"keys", "reward,nothing"}, {"points", "10"}});
  CHECK(some["stages"][1]["steps"] == json({10, 20, 30, 40, 50, 60, 70, 80, 90, 100}));
  CHECK(some["stages"][1]["columns"].size() == 1);
  CHECK(some["stages"][1]["seconds"][9] == 101.5);
  const std::string token = all["token"];
  const json none = site.run("/metrics", {{"after", token}});
  CHECK(none["reset"] == false);
  CHECK(none["stages"].empty());

  site.files.append_line("metrics.jsonl", {{"stage", "zero"}, {"step", 101}, {"reward", 5}});
  site.files.append_line("metrics.jsonl", {{"stage", "more"}, {"step", 1}, {"reward", 6}});
  const json news = site.run("/metrics", {{"after", token}});
  REQUIRE(news["stages"].size() == 2);
  CHECK(news["stages"][0]["steps"] == json({101}));
  CHECK(news["stages"][0]["columns"]["reward"] == json({5.0}));
  CHECK(news["stages"][0]["columns"]["step_time"] == json({nullptr}));
  CHECK(news["stages"][1]["stage"] == "more");
  CHECK(news["stages"][1]["steps"] == json({1}));

  // The run went on from step 50.
  site.files.append_line("metrics.jsonl", {{"stage", "zero"}, {"step", 51}, {"reward", 7}});
  const json again = site.run("/metrics", {{"after", token}});
  CHECK(again["reset"] == true);
  CHECK(again["stages"][1]["steps"].size() == 51);
  for (const char* wrong : {"x", "1-2-3-4-5-6", "-", "0--1", "99999999999999999999999", "0-5000"}) {
    CHECK(site.run("/metrics", {{"after", wrong}})["reset"] == true);
  }
}

TEST_CASE("Answers are listed by step and shown as groups, long ones cut") {
  const Site site;
  const json steps = site.run("/completions");
  REQUIRE(steps["steps"].size() == 3);
  CHECK(steps["steps"][2] == json({{"stage", "zero"}, {"step", 3}, {"count", 4}}));
  site.files.append_line("completions.jsonl", {{"stage", "zero"},
                                               {"step", 4},
                                               {"prompt_index", 8},
                                               {"sample", 1},
                                               {"prompt", "<script>alert(1)</script>"},
                                               {"completion", std::string(30000, 'x')},
                                               {"logprobs", {-0.5, nullptr}},
                                               {"tokens", {"a", "b"}},
                                               {"reward", 1.0}});
  const json groups = site.run("/completions", {{"stage", "zero"}, {"step", "2"}})["groups"];
  REQUIRE(groups.size() == 2);
  CHECK(groups[1]["prompt_index"] == 5);
  REQUIRE(groups[1]["answers"].size() == 2);
  CHECK(groups[1]["answers"][1]["completion"] == "wait \"2\" é 1");
  CHECK(groups[1]["answers"][1]["rewards"]["countdown"] == 1.0);
  CHECK(groups[1]["answers"][1]["logprobs"] == nullptr);
  CHECK(site.run("/completions", {{"stage", "x"}, {"step", "2"}})["groups"].empty());

  const std::map<std::string, std::string> query = {{"stage", "zero"}, {"step", "4"}};
  const json cut = site.run("/completions", query)["groups"][0];
  CHECK(cut["prompt"] == "<script>alert(1)</script>");
  CHECK(cut["answers"][0]["truncated_bytes"] == 10000);
  CHECK(cut["answers"][0]["logprobs"] == json({-0.5, nullptr}));
  CHECK(cut["answers"][0]["tokens"] == json({"a", "b"}));
  auto full = query;
  full.insert({{"full", "1"}, {"prompt_index", "8"}, {"sample", "1"}});
  CHECK(site.run("/completions", full)["completion"].get<std::string>().size() == 30000);
  full["sample"] = "2";
  const std::string path = "/api/run/" + site.id + "/completions";
  CHECK(site.status(path, full) == 404);
  for (const char* wrong : {"", "x", "1x", "1e9", "99999999999999999999", " 1", "../1"}) {
    CHECK(site.status(path, {{"stage", "zero"}, {"step", wrong}}) == 400);
  }
}

TEST_CASE("Answers are searched from the newest on, and one prompt is followed over steps") {
  const Site site;
  const json found = site.run("/search", {{"q", "\"2\" é"}});
  REQUIRE(found["results"].size() == 4);
  CHECK(found["results"][0]["step"] == 2);
  CHECK(found["done"] == true);
  CHECK(found["scanned_bytes"] == std::filesystem::file_size(site.files.file("completions.jsonl")));
  const json first = site.run("/search", {{"q", "wait"}, {"limit", "1"}});
  CHECK(first["results"][0]["step"] == 3);
  CHECK(first["done"] == false);
  // Only texts count, not the names of keys.
  CHECK(site.run("/search", {{"q", "num_tokens"}})["results"].empty());
  CHECK(site.run("/search", {{"q", "wait"}, {"stage", "base"}})["results"].empty());
  CHECK(site.status("/api/run/" + site.id + "/search") == 400);

  site.files.append_line("completions.jsonl", {{"stage", "zero"},
                                               {"step", 9},
                                               {"prompt_index", 77},
                                               {"prompt", "prompt 5"},
                                               {"completion", "same text, other number"}});
  const json samples = site.run("/prompt", {{"prompt_index", "5"}})["samples"];
  REQUIRE(samples.size() == 4);
  CHECK(samples[0]["step"] == 9);
  CHECK(samples[1]["step"] == 3);
  CHECK(samples[1]["sample"] == 0);
  CHECK(site.run("/prompt", {{"prompt_index", "6"}})["samples"].empty());
}

TEST_CASE("Answers that a link puts outside of the folder are not shown") {
  const Site site;
  const RunFiles outside;
  std::filesystem::rename(site.files.file("completions.jsonl"), outside.file("c"));
  std::filesystem::create_symlink(outside.file("c"), site.files.file("completions.jsonl"));
  CHECK(site.run("/completions")["steps"].empty());
  CHECK(site.run("/completions", {{"stage", "zero"}, {"step", "2"}})["groups"].empty());
  CHECK(site.run("/search", {{"q", "wait"}})["results"].empty());
  std::filesystem::create_directories(outside.file("stages/zero"));
  outside.put("stages/zero/cost.json", R"({"kind":"grpo","flops":1e9})");
  std::filesystem::create_directory_symlink(outside.file("stages"), site.files.file("stages"));
  CHECK(site.run("")["costs"]["stages"].empty());
}

TEST_CASE("A run that is removed while it is watched is not found any more") {
  const Site site;
  std::filesystem::remove_all(site.files.file("stages"));
  for (const auto& entry : std::filesystem::directory_iterator(site.files.path())) {
    std::filesystem::remove(entry.path());
  }
  CHECK(site.run("/metrics")["stages"].empty());
  CHECK(site.run("/completions")["steps"].empty());
  CHECK(site.run("")["stages"].empty());
}

TEST_SUITE("slow") {
  // benchmarks/bench_watch.cpp measures the size that is promised; this is a tenth of it, with room
  // for a busy machine.
  TEST_CASE("A long run opens quickly, and what came later costs little") {
    const RunFiles files;
    std::string metrics, completions;
    const std::string text(1100, 'w');
    for (int step = 1; step <= 10'000; ++step) {
      metrics += fmt::format(R"({{"stage":"zero","kind":"grpo","step":{})", step);
      for (int key = 0; key < 60; ++key) metrics += fmt::format(R"(,"k/{}":{})", key, 0.1 * step);
      metrics += "}\n";
      for (int sample = 0; sample < 8; ++sample) {
        completions += fmt::format(
            R"({{"completion":"{}","prompt_index":3,"sample":{},"stage":"zero","step":{}}})"
            "\n",
            text, sample, step);
      }
    }
    files.put("metrics.jsonl", metrics);
    files.put("completions.jsonl", completions);
    const double begin = steady_seconds();
    RunCatalog catalog(files.path());
    catalog.poll();
    const LiveSite site(catalog);
    const std::string run = "/api/run/" + catalog.list().at(0).id;
    for (const char* part : {"", "/metrics", "/completions"}) {
      CHECK(site.answer({"GET", run + part, "localhost", {}}).status == 200);
    }
    const double opened = steady_seconds();
    CHECK(opened - begin < 2.0);
    files.append("metrics.jsonl", "{\"stage\":\"zero\",\"step\":10001}\n");
    const auto news = json::parse(
        site.answer({"GET", run + "/metrics", "localhost", {{"after", "0-10000"}}}).body);
    CHECK(news["stages"][0]["steps"] == json({10001}));
    CHECK(steady_seconds() - opened < 0.5 * (opened - begin));
  }
}
