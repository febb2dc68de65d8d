#include "core/config.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/core/thrown_error.h"

using nlohmann::json;
using reckon::at_least;
using reckon::at_most;
using reckon::between;
using reckon::ConfigProblems;
using reckon::one_of;
using reckon::positive;
using reckon::probability;
using reckon::read_config;
using reckon::tests::thrown_by;

namespace {

enum class Schedule { constant, linear, cosine };

struct RewardConfig {
  std::string kind;
  double weight = 1.0;

  template <class V>
  static void visit(V& v) {
    v(&RewardConfig::kind, "kind", "which reward", reckon::required(one_of({"coin", "sum"})));
    v(&RewardConfig::weight, "weight", "factor in the sum");
  }
};

struct SamplingConfig {
  double temperature = 1.0;
  std::optional<int> top_k;

  template <class V>
  static void visit(V& v) {
    v(&SamplingConfig::temperature, "temperature", "divides the logits", positive());
    v(&SamplingConfig::top_k, "top_k", "keep the k likeliest tokens", at_least(1));
  }
};

struct StageConfig {
  std::string name = "stage";

  template <class V>
  static void visit(V& v) {
    v(&StageConfig::name, "name", "for messages");
  }
};

struct GrpoConfig : StageConfig {
  int64_t num_generations = 8;
  int max_steps = 10;
  uint64_t seed = 7;
  double learning_rate = 1e-4;
  double epsilon = 0.2;
  double beta = 0.5;
  bool shuffle = true;
  std::string scale_rewards = "group";
  Schedule schedule = Schedule::linear;
  std::optional<double> delta;
  std::vector<int64_t> sizes = {1, 2};
  SamplingConfig sampling{.temperature = 0.7, .top_k = {}};
  std::vector<RewardConfig> rewards;
  reckon::JsonValue task;

  template <class V>
  static void visit(V& v) {
    StageConfig::visit(v);
    v(&GrpoConfig::num_generations, "num_generations", "completions per prompt", at_least(2));
    v(&GrpoConfig::max_steps, "max_steps", "optimizer steps", between(1, 1000000));
    v(&GrpoConfig::seed, "seed", "of the run");
    v(&GrpoConfig::learning_rate, "learning_rate", "peak step size", positive());
    v(&GrpoConfig::epsilon, "epsilon", "clip range", probability());
    v(&GrpoConfig::beta, "beta", "weight of the KL term", at_most(1));
    v(&GrpoConfig::shuffle, "shuffle", "draw in random order");
    v(&GrpoConfig::scale_rewards, "scale_rewards", "divide by what deviation",
      one_of({"none", "group", "batch"}));
    v(&GrpoConfig::schedule, "schedule", "of the step size");
    v(&GrpoConfig::delta, "delta", "upper clip | of the ratio", positive());
    v(&GrpoConfig::sizes, "sizes", "some sizes", at_least(1));
    v(&GrpoConfig::sampling, "sampling", "how to sample");
    v(&GrpoConfig::rewards, "rewards", "what to score by");
    v(&GrpoConfig::task, "task", "free form");
  }
};

GrpoConfig read(const json& object, const reckon::ConfigHints& hints = {}) {
  return read_config<GrpoConfig>(object, "/stages/0", "r.json", hints);
}

std::string problem(const json& object, const reckon::ConfigHints& hints = {}) {
  const auto error = thrown_by([&] { read(object, hints); });
  CHECK(error.code == (error.text == "nothing thrown" ? reckon::ErrorCode::internal
                                                      : reckon::ErrorCode::invalid_argument));
  return error.text;
}

}  // namespace

template <>
struct reckon::EnumNames<Schedule> {
  static constexpr std::array<std::string_view, 3> names{"constant", "linear", "cosine"};
};

TEST_CASE("absent keys keep the defaults of the struct that holds the field") {
  const GrpoConfig config = read(json::object());
  CHECK(config.num_generations == 8);
  CHECK(config.sizes == std::vector<int64_t>{1, 2});
  CHECK(config.task.get().is_null());
  const GrpoConfig partly = read({{"sampling", {{"top_k", 5}}}});
  CHECK(partly.sampling.temperature == 0.7);
  CHECK(partly.sampling.top_k == 5);
}

TEST_CASE("every kind of field is read") {
  const GrpoConfig config =
      read({{"name", "zero"},
            {"num_generations", 16},
            {"max_steps", 120},
            {"seed", UINT64_MAX},
            {"learning_rate", 1},
            {"shuffle", false},
            {"scale_rewards", "none"},
            {"schedule", "cosine"},
            {"delta", 4.5},
            {"sizes", {5}},
            {"sampling", {{"temperature", 0.5}}},
            {"rewards", {{{"kind", "sum"}}, {{"kind", "coin"}, {"weight", 2}}}},
            {"task", {{"kind", "countdown"}}}});
  CHECK(config.name == "zero");
  CHECK(config.num_generations == 16);
  CHECK(config.max_steps == 120);
  CHECK(config.seed == UINT64_MAX);
  CHECK(config.learning_rate == 1.0);
  CHECK_FALSE(config.shuffle);
  CHECK(config.scale_rewards == "none");
  CHECK(config.schedule == Schedule::cosine);
  CHECK(config.delta == 4.5);
  CHECK(config.sizes == std::vector<int64_t>{5});
  CHECK(config.sampling.temperature == 0.5);
  REQUIRE(config.rewards.size() == 2);
  CHECK(config.rewards[1].kind == "coin");
  CHECK(config.rewards[1].weight == 2.0);
  CHECK(config.task->at("kind") == "countdown");
}

TEST_CASE("an unknown key is an error that names the place and the nearest key") {
  CHECK(problem({{"num_generation", 4}}) ==
        "expected a known key (the nearest is `num_generations`), got \"num_generation\", in "
        "r.json /stages/0/num_generation");
  CHECK(problem({{"sampling", {{"temprature", 1}}}}).find("`temperature`") != std::string::npos);
  CHECK(problem({{"sampling", {{"zzzzzzz", 1}}}}).find("(they are `temperature`, `top_k`)") !=
        std::string::npos);
  CHECK(problem({{std::string(100000, 'x'), 1}}).find("expected a known key, got") == 0);
}

TEST_CASE("names of other programs are translated") {
  const reckon::ConfigHints hints = {{"rollout.n", "num_generations"}, {"lr", "learning_rate"}};
  const std::string text = problem({{"rollout", {{"n", 8}}}, {"lr", 1}}, hints);
  CHECK(text.find("`rollout.n` is called `num_generations` here") != std::string::npos);
  CHECK(text.find("`lr` is called `learning_rate` here") != std::string::npos);
  CHECK(problem({{"rollout.n", 8}}, hints).find("is called `num_generations`") !=
        std::string::npos);
  CHECK(problem({{"rollout", {{"m", 8}}}}, hints).find("is called") == std::string::npos);
}

TEST_CASE("wrong types are errors") {
  const std::vector<std::pair<json, std::string>> cases = {
      {{{"num_generations", "4"}}, "expected an integer at least 2, got \"4\""},
      {{{"num_generations", true}}, "expected an integer at least 2, got true"},
      {{{"num_generations", 2.5}}, "expected an integer at least 2, got 2.5"},
      {{{"num_generations", nullptr}}, "expected an integer at least 2, got null"},
      {{{"learning_rate", "1e-4"}}, "expected a number more than 0, got \"1e-4\""},
      {{{"shuffle", 1}}, "expected true or false, got 1"},
      {{{"name", 1}}, "expected a string, got 1"},
      {{{"scale_rewards", 1}}, "expected one of: none, group, batch, got 1"},
      {{{"schedule", "sine"}}, "expected one of: constant, linear, cosine, got \"sine\""},
      {{{"sizes", 1}}, "expected a list, got 1"},
      {{{"sizes", {1, "a"}}}, "got \"a\", in r.json /stages/0/sizes/1"},
      {{{"sampling", json::array()}}, "expected an object, got a list of 0 items"},
      {{{"rewards", json::object()}}, "expected a list, got an object"}};
  for (const auto& [object, expected] : cases) {
    CAPTURE(expected);
    CHECK(problem(object).find(expected) != std::string::npos);
  }
  CHECK(problem(json(3)) == "expected an object, got 3, in r.json /stages/0");
}

TEST_CASE("values out of bounds are errors, also inside lists and optional values") {
  for (const json& object : std::vector<json>{{{"num_generations", 1}},
                                              {{"max_steps", 0}},
                                              {{"max_steps", 1000001}},
                                              {{"learning_rate", 0}},
                                              {{"epsilon", 1.01}},
                                              {{"epsilon", -0.01}},
                                              {{"beta", 1.5}},
                                              {{"scale_rewards", "Group"}},
                                              {{"delta", -1}},
                                              {{"sizes", {1, 0}}}}) {
    CAPTURE(object.dump());
    CHECK(problem(object).find("expected") == 0);
  }
  for (const json& object : std::vector<json>{{{"num_generations", 2}},
                                              {{"max_steps", 1000000}},
                                              {{"epsilon", 0}},
                                              {{"epsilon", 1}},
                                              {{"beta", -5}}}) {
    CAPTURE(object.dump());
    CHECK(problem(object) == "nothing thrown");
  }
}

TEST_CASE("integers may be written as 3.0 and must fit") {
  CHECK(read({{"max_steps", 3.0}}).max_steps == 3);
  CHECK(read({{"max_steps", 1e3}}).max_steps == 1000);
  CHECK(problem({{"max_steps", 4294967297}}).find("between -2147483648 and 2147483647") !=
        std::string::npos);
  CHECK(problem({{"num_generations", 1e30}}).find("9223372036854775807") != std::string::npos);
  CHECK(problem({{"seed", -1}}).find("between 0 and 18446744073709551615") != std::string::npos);
  CHECK(problem({{"num_generations", UINT64_MAX}}) != "nothing thrown");
}

TEST_CASE("numbers that are not finite are errors") {
  for (const double value :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(problem({{"beta", value}}).find("a number at most 1") != std::string::npos);
    CHECK(problem({{"max_steps", value}}).find("an integer") != std::string::npos);
  }
}

TEST_CASE("null is a value only of optional fields") {
  CHECK_FALSE(read({{"delta", nullptr}}).delta.has_value());
  CHECK(problem({{"sizes", nullptr}}) != "nothing thrown");
  CHECK(problem({{"sampling", nullptr}}) != "nothing thrown");
}

TEST_CASE("a required key must be there") {
  CHECK(problem({{"rewards", {json::object()}}}) ==
        "expected the key `kind` one of: coin, sum, got nothing, in r.json "
        "/stages/0/rewards/0/kind");
}

TEST_CASE("all problems are told at once, one a line") {
  const std::string text =
      problem({{"num_generations", 1}, {"bogus_key", 1}, {"rewards", {{{"kind", "x"}, {"w", 1}}}}});
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  ConfigProblems problems;
  read_config<SamplingConfig>({{"top_k", 0}}, "/a", "f", {}, problems);
  read_config<RewardConfig>({{"kind", "x"}}, "/b", "f", {}, problems);
  REQUIRE(problems.lines().size() == 2);
  CHECK(problems.lines()[1].find("f /b/kind") != std::string::npos);
  CHECK(thrown_by([&] { problems.throw_if_any(); }).says("\n"));
  CHECK_NOTHROW(ConfigProblems().throw_if_any());
}

TEST_CASE("what is written reads back as the same") {
  const json object = {{"delta", 2.5},
                       {"schedule", "constant"},
                       {"seed", UINT64_MAX},
                       {"rewards", {{{"kind", "sum"}, {"weight", 0.1}}}},
                       {"task", {{"kind", "countdown"}, {"numbers", {3}}}}};
  const json written = reckon::write_config(read(object));
  CHECK(written["num_generations"] == 8);
  CHECK(written["delta"] == 2.5);
  CHECK(written["sampling"]["top_k"].is_null());
  CHECK(written["name"] == "stage");
  CHECK(written.size() == 15);
  CHECK(reckon::write_config(read(written)) == written);
  CHECK(read_config<GrpoConfig>(written, "", "f").seed == UINT64_MAX);
}

TEST_CASE("the description holds every field with type, default, bounds and help") {
  const auto fields = reckon::describe_config<GrpoConfig>();
  const auto field = [&](const std::string& name) {
    for (const auto& candidate : fields) {
      if (candidate.name == name) return candidate;
    }
    FAIL("no field ", name);
    return reckon::ConfigField{};
  };
  CHECK(fields.front().name == "name");
  CHECK(field("num_generations").type == "integer");
  CHECK(field("num_generations").default_value == "8");
  CHECK(field("num_generations").bounds == "at least 2");
  CHECK(field("num_generations").help == "completions per prompt");
  CHECK(field("delta").type == "number or null");
  CHECK(field("delta").default_value == "null");
  CHECK(field("sizes").type == "list of integer");
  CHECK(field("sizes").default_value == "[1,2]");
  CHECK(field("schedule").default_value == "\"linear\"");
  CHECK(field("schedule").bounds == "one of: constant, linear, cosine");
  CHECK(field("sampling.temperature").default_value == "0.7");
  CHECK(field("rewards").type == "list of object");
  CHECK(field("rewards[].kind").default_value == "required");
  CHECK(field("task").type == "any");
}

TEST_CASE("help is aligned and the Markdown table keeps its columns") {
  const auto fields = reckon::describe_config<GrpoConfig>();
  const std::string help = reckon::config_help(fields);
  CHECK(static_cast<size_t>(std::count(help.begin(), help.end(), '\n')) == fields.size());
  const size_t first = help.find("for messages");
  const size_t second = help.find("completions per prompt (at least 2)");
  REQUIRE(second != std::string::npos);
  CHECK(second - (help.rfind('\n', second) + 1) == first);
  const std::string table = reckon::config_markdown(fields);
  CHECK(
      table.find("| `delta` | number or null | `null` | more than 0 | upper clip \\| of the ratio "
                 "|\n") != std::string::npos);
}
