#include "rollout/engine.h"

#include <doctest/doctest.h>

#include <map>
#include <mutex>
#include <stdexcept>

#include "tests/core/thrown_error.h"
#include "tests/policy/thread_count.h"
#include "tests/rollout/golden_rollout.h"

namespace reckon::rollout {
namespace {

using tests::bits_equal;
using tests::golden_model;
using tests::golden_prompts;
using tests::golden_sampling;
using tests::golden_stream;

// Both engines for one model: what is true of one must be true of the other.
struct Engines {
  std::unique_ptr<policy::Transformer> model = golden_model("llama", at::kFloat);
  std::map<std::string, std::unique_ptr<RolloutEngine>> by_name;

  Engines() {
    by_name["cached"] = make_engine(*model, {.rows_per_thread = 3});
    by_name["full"] = make_full_forward_engine(*model);
  }
};

TEST_CASE("engine: a completion ends with the first end token, or at the longest length") {
  const Engines engines;
  const auto params = golden_sampling();
  for (const auto& [name, engine] : engines.by_name) {
    CAPTURE(name);
    int stopped = 0, cut = 0;
    for (const Group& group : engine->generate(golden_prompts(), 8, params, golden_stream())) {
      for (const Completion& completion : group) {
        REQUIRE(!completion.ids.empty());
        const auto last = completion.ids.end() - 1;
        CHECK(std::none_of(completion.ids.begin(), last,
                           [&](int32_t id) { return params.is_stop(id); }));
        const bool stop = completion.finish_reason == FinishReason::stop;
        CHECK(params.is_stop(*last) == stop);
        if (!stop) CHECK(completion.ids.size() == 24);
        ++(stop ? stopped : cut);
        CHECK(completion.logprobs.size() == completion.ids.size());
        CHECK(completion.logprobs_t1.size() == completion.ids.size());
        CHECK(completion.logprobs_truncated.empty());
      }
    }
    CHECK(stopped > 5);
    CHECK(cut > 0);
  }
  CHECK(std::string(to_string(FinishReason::stop)) == "stop");
  CHECK(std::string(to_string(FinishReason::length)) == "length");
}

TEST_CASE("engine: an end token at the longest length counts as an end") {
  const Engines engines;
  auto params = golden_sampling();
  params.stop_token_ids.clear();
  for (int32_t id = 0; id < 170; ++id) params.stop_token_ids.push_back(id);
  params.max_new_tokens = 1;
  for (const auto& [name, engine] : engines.by_name) {
    const auto groups = engine->generate(golden_prompts(), 2, params, golden_stream());
    CHECK(groups[5][1].ids.size() == 1);
    CHECK(groups[5][1].finish_reason == FinishReason::stop);
  }
}

TEST_CASE("engine: one new token is the first token of a longer completion") {
  const Engines engines;
  auto params = golden_sampling();
  const auto longer =
      engines.by_name.at("cached")->generate(golden_prompts(), 3, params, golden_stream());
  params.max_new_tokens = 1;
  for (const auto& [name, engine] : engines.by_name) {
    const auto groups = engine->generate(golden_prompts(), 3, params, golden_stream());
    for (size_t p = 0; p < groups.size(); ++p) {
      for (size_t s = 0; s < 3; ++s) {
        REQUIRE(groups[p][s].ids.size() == 1);
        CHECK(groups[p][s].ids[0] == longer[p][s].ids[0]);
        CHECK(groups[p][s].logprobs[0] == longer[p][s].logprobs[0]);
      }
    }
  }
}

TEST_CASE("engine: filters add their own log-probabilities, at least as high") {
  const Engines engines;
  auto params = golden_sampling();
  params.top_k = 10;
  for (const auto& [name, engine] : engines.by_name) {
    for (const Group& group : engine->generate(golden_prompts(), 2, params, golden_stream())) {
      for (const Completion& completion : group) {
        REQUIRE(completion.logprobs_truncated.size() == completion.ids.size());
        for (size_t i = 0; i < completion.ids.size(); ++i) {
          CHECK(completion.logprobs_truncated[i] > completion.logprobs[i]);
        }
      }
    }
  }
}

// Counts how often each prompt's group is reported, and with what.
struct Reports {
  std::mutex mutex;
  std::map<size_t, int> times;
  std::map<size_t, Group> groups;

  OnGroup callback() {
    return [this](size_t prompt, const Group& group) {
      const std::lock_guard lock(mutex);
      ++times[prompt];
      groups[prompt] = group;
    };
  }
};

TEST_CASE("engine: each group is reported once, complete, whatever the number of threads") {
  const Engines engines;
  for (const auto& [name, engine] : engines.by_name) {
    for (const int threads : {1, 2}) {
      for (const int64_t longest : {0, 1, 24}) {
        CAPTURE(name);
        CAPTURE(longest);
        const tests::ThreadCount count(threads);
        auto params = golden_sampling();
        params.max_new_tokens = longest;
        Reports reports;
        const auto groups =
            engine->generate(golden_prompts(), 5, params, golden_stream(), reports.callback());
        REQUIRE(reports.times.size() == groups.size());
        for (size_t p = 0; p < groups.size(); ++p) {
          CHECK(reports.times[p] == 1);
          CHECK(groups[p].size() == 5);
          CHECK(bits_equal(reports.groups[p], groups[p]));
          if (longest == 0) CHECK(groups[p][4].ids.empty());
        }
      }
    }
  }
}

TEST_CASE("engine: groups without samples are reported too, no prompts give no groups") {
  const Engines engines;
  for (const auto& [name, engine] : engines.by_name) {
    CAPTURE(name);
    Reports reports;
    const auto groups = engine->generate(golden_prompts(), 0, golden_sampling(), golden_stream(),
                                         reports.callback());
    CHECK(groups.size() == 6);
    CHECK(groups[0].empty());
    CHECK(reports.times.size() == 6);
    CHECK(engine->generate({}, 4, golden_sampling(), golden_stream(), reports.callback()).empty());
    CHECK(reports.times.size() == 6);
  }
}

TEST_CASE("engine: an exception of the callback arrives at the caller, and the engine works on") {
  const Engines engines;
  const auto params = golden_sampling();
  for (const auto& [name, engine] : engines.by_name) {
    const auto want = engine->generate(golden_prompts(), 4, params, golden_stream());
    for (const int threads : {1, 2}) {
      for (const size_t bad : {0, 3, 5}) {
        CAPTURE(name);
        const tests::ThreadCount count(threads);
        const OnGroup refuse = [&](size_t prompt, const Group&) {
          if (prompt == bad) throw std::runtime_error("reward failed");
        };
        CHECK_THROWS_WITH_AS(engine->generate(golden_prompts(), 4, params, golden_stream(), refuse),
                             doctest::Contains("reward failed"), std::runtime_error);
        CHECK(bits_equal(engine->generate(golden_prompts(), 4, params, golden_stream()), want));
      }
    }
  }
}

TEST_CASE("engine: a token forbidden until another has come does not come before it") {
  const Engines engines;
  auto params = golden_sampling(1.5);
  params.max_new_tokens = 60;
  params.stop_token_ids.clear();
  // The likeliest token of the free policy is forbidden, the next likeliest ones release it.
  std::map<int32_t, int> counts;
  for (const Group& group :
       engines.by_name.at("cached")->generate(golden_prompts(), 16, params, golden_stream())) {
    for (const Completion& completion : group) {
      for (const int32_t id : completion.ids) ++counts[id];
    }
  }
  const auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
  const int32_t forbidden = std::max_element(counts.begin(), counts.end(), by_count)->first;
  counts.erase(forbidden);
  const int32_t until = std::max_element(counts.begin(), counts.end(), by_count)->first;
  params.forbid_until = ForbidUntil{.forbidden = forbidden, .until = {until}};
  for (const auto& [name, engine] : engines.by_name) {
    CAPTURE(name);
    int after = 0;
    for (const Group& group : engine->generate(golden_prompts(), 16, params, golden_stream())) {
      for (const Completion& completion : group) {
        const auto begin = completion.ids.begin(), end = completion.ids.end();
        const auto released = std::find(begin, end, until);
        CHECK(std::find(begin, released, forbidden) == released);
        after += std::find(released, end, forbidden) != end;
      }
    }
    CHECK(after > 0);
  }
}

TEST_CASE("engine: bad prompts are errors that name the prompt") {
  const Engines engines;
  for (const auto& [name, engine] : engines.by_name) {
    const auto refused = [&engine = engine](const std::vector<int32_t>& ids) {
      const std::vector<Prompt> prompts = {{.index = 7, .ids = {1}}, {.index = 42, .ids = ids}};
      return tests::thrown_by(
          [&] { engine->generate(prompts, 2, golden_sampling(), golden_stream()); });
    };
    for (const auto& ids : {std::vector<int32_t>{}, {3, 170}, {-1}, {INT32_MAX}, {INT32_MIN}}) {
      const auto thrown = refused(ids);
      CAPTURE(thrown.text);
      CHECK(thrown.code == ErrorCode::invalid_argument);
      CHECK(thrown.says("in prompt 42"));
    }
    CHECK(refused({3, 170}).says("below 170, got 170"));
    CHECK(refused({0, 169}).text == "nothing thrown");
  }
}

TEST_CASE("engine: no rows per thread is an error, not an empty answer") {
  const Engines engines;
  const auto thrown =
      tests::thrown_by([&] { make_engine(*engines.model, {.rows_per_thread = 0}); });
  CHECK(thrown.code == ErrorCode::invalid_argument);
  CHECK(thrown.says("got 0"));
}

TEST_CASE("engine: weights that diverged are an error at the caller, on any number of threads") {
  const Engines engines;
  at::Tensor(engines.model->final_norm()).fill_(std::nan(""));
  for (const auto& [name, engine] : engines.by_name) {
    for (const int threads : {1, 2}) {
      const tests::ThreadCount count(threads);
      const auto thrown = tests::thrown_by(
          [&] { engine->generate(golden_prompts(), 4, golden_sampling(), golden_stream()); });
      CHECK(thrown.code == ErrorCode::internal);
      CHECK(thrown.says("diverged"));
    }
  }
}

TEST_CASE("engine: a float64 policy is sampled by whole forward passes") {
  const auto narrow = golden_model("qwen3", at::kFloat), wide = golden_model("qwen3", at::kDouble);
  const auto params = golden_sampling();
  const auto a = make_engine(*narrow)->generate(golden_prompts(), 2, params, golden_stream());
  const auto b = make_engine(*wide)->generate(golden_prompts(), 2, params, golden_stream());
  CHECK(a[0][0].ids == b[0][0].ids);
  CHECK(a[0][0].logprobs[0] == doctest::Approx(b[0][0].logprobs[0]).epsilon(1e-5));
}

}  // namespace
}  // namespace reckon::rollout
